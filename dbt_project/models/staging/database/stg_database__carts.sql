{{ rows_of_carts('database') }}
