{{ rows_of_identifiers('database') }}
