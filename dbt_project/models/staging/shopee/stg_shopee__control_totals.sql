{{ shop_order_counts('shopee') }}
