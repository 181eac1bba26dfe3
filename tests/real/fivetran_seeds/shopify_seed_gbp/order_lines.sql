select order_id, id as line_id, product_id, title as product_name, quantity, price::decimal(18, 2) as unit_price
from 'dbt_shopify/shopify_order_line_data.csv'
