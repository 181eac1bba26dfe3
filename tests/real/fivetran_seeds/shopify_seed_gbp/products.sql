select id as product_id, title as product_name, product_type as category_name
from 'dbt_shopify/shopify_product_data.csv'
