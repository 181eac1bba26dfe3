{{ rows_of_message_events('database') }}
