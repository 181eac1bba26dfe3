{{ shop_order_counts('sapo') }}
