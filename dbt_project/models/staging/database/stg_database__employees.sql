{{ rows_of_employees('database') }}
