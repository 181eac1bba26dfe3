{{ rows_of_payments('database') }}
