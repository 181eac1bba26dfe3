{{ rows_of_payments('files') }}
