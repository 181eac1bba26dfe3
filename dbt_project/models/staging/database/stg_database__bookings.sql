{{ rows_of_bookings('database') }}
