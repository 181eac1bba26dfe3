{{ rows_of_listings('files') }}
