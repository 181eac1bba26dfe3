{{ rows_of_invites('files') }}
