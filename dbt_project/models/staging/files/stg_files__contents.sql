{{ rows_of_contents('files') }}
