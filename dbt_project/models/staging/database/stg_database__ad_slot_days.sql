{{ rows_of_ad_slot_days('database') }}
