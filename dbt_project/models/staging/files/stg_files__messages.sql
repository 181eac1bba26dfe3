{{ rows_of_messages('files') }}
