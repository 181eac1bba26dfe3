select
    id as order_id,
    order_number,
    'website' as channel_code,
    customer_id as profile_id,
    processed_at as ordered_at,
    case when cancelled_at is not null then 'cancelled' when fulfillment_status = 'fulfilled' then 'delivered' else 'open' end
        as status_code,
    currency,
    total_line_items_price::decimal(18, 2) as gross_amount,
    total_discounts::decimal(18, 2) as discount_amount,
    -- taxes are within prices: what the total has beyond them was for shipping
    (total_price::decimal(18, 2) - subtotal_price::decimal(18, 2) - total_tax::decimal(18, 2)) as shipping_amount,
    total_tax::decimal(18, 2) as tax_amount
from 'dbt_shopify/shopify_order_data.csv'
where currency = 'GBP'
