{{ rows_of_events('database') }}
