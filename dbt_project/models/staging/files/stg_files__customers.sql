{{ rows_of_customers('files') }}
