{{ rows_of_conversations('files') }}
