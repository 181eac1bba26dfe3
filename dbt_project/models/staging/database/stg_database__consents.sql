{{ rows_of_consents('database') }}
