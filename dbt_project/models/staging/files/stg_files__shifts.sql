{{ rows_of_shifts('files') }}
