{{ rows_of_order_lines('files') }}
