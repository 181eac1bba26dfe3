{{ rows_of_carts('files') }}
