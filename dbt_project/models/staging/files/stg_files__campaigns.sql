{{ rows_of_campaigns('files') }}
