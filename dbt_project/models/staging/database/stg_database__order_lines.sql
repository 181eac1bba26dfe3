{{ rows_of_order_lines('database') }}
