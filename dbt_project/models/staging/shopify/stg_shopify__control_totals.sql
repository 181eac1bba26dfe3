{{ stated_by_day('shopify', 'order_counts', 'order_count', 'count') }}
