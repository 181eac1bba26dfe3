{{ rows_of_listings('database') }}
