{{ shop_order_counts('shopify') }}
