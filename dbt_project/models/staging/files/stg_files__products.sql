{{ rows_of_products('files') }}
