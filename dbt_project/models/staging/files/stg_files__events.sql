{{ rows_of_events('files') }}
