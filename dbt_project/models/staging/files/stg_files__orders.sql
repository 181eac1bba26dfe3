{{ rows_of_orders('files') }}
