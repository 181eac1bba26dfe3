{{ rows_of_products('database') }}
