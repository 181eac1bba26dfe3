{{ rows_of_conversations('database') }}
