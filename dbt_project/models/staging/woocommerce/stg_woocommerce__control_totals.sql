{{ stated_by_day('woocommerce', 'order_counts', 'order_count', 'count') }}
