{{ rows_of_customers('database') }}
