{{ rows_of_subscriptions('files') }}
