{{ rows_of_subscriptions('database') }}
