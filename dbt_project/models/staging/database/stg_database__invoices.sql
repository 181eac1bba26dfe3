{{ rows_of_invoices('database') }}
