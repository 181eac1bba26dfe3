{{ stated_by_day('sapo', 'order_counts', 'order_count', 'count') }}
