select id as profile_id, created_at
from 'dbt_shopify/shopify_customer_data.csv'
