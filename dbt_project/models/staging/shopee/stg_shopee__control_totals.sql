{{ stated_by_day('shopee', 'order_counts', 'order_count', 'count') }}
