{{ rows_of_spend_days('database') }}
