{{ rows_of_content_days('files') }}
