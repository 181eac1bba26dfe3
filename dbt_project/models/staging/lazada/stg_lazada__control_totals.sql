{{ stated_by_day('lazada', 'order_counts', 'order_count', 'count') }}
