{{ rows_of_invoices('files') }}
