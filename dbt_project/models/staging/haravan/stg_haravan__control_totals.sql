{{ stated_by_day('haravan', 'order_counts', 'order_count', 'count') }}
