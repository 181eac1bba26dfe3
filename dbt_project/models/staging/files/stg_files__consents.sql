{{ rows_of_consents('files') }}
