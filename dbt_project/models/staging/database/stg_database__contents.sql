{{ rows_of_contents('database') }}
