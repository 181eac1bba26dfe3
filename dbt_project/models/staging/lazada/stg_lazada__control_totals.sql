{{ shop_order_counts('lazada') }}
