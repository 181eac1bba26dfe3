{{ rows_of_campaigns('database') }}
