{{ rows_of_content_days('database') }}
