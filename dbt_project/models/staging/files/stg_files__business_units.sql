{{ rows_of_business_units('files') }}
