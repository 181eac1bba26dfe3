{{ shop_order_counts('haravan') }}
