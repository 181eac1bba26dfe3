{{ rows_of_content_events('database') }}
