{{ rows_of_listing_versions('files') }}
