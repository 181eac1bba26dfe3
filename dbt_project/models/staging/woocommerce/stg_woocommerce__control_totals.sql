{{ shop_order_counts('woocommerce') }}
