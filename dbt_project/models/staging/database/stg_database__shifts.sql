{{ rows_of_shifts('database') }}
