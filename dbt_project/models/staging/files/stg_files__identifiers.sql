{{ rows_of_identifiers('files') }}
