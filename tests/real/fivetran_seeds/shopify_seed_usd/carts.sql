-- Shopify tells of the checkouts that were left, and of no others
select
    id as cart_id,
    customer_id as profile_id,
    cart_token as anonymous_id,
    'website' as channel_code,
    created_at as started_at,
    created_at as checkout_started_at,
    updated_at as last_active_at,
    completed_at,
    total_line_items_price::decimal(18, 2) as amount,
    currency,
    'abandoned' as coverage_code
from 'dbt_shopify/shopify_abandoned_checkout_data.csv'
