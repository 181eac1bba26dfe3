{{ rows_of_bookings('files') }}
