{{ rows_of_invites('database') }}
