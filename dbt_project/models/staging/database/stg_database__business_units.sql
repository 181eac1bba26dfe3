{{ rows_of_business_units('database') }}
