{{ rows_of_orders('database') }}
