{{ rows_of_messages('database') }}
