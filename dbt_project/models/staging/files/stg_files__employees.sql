{{ rows_of_employees('files') }}
