with items as (
    select
        order_id,
        sum(price::decimal(18, 2)) as price,
        sum(freight_value::decimal(18, 2)) as freight
    from 'olist_order_items_dataset.csv.gz'
    group by order_id
),

payments as (
    select order_id, arg_max(payment_type, (payment_value, -payment_sequential)) as largest_type
    from 'olist_order_payments_dataset.csv.gz'
    group by order_id
)

select
    order_id,
    'website' as channel_code,
    customer_unique_id as profile_id,
    order_purchase_timestamp as ordered_at,
    case order_status
        when 'delivered' then 'delivered'
        when 'canceled' then 'cancelled'
        when 'unavailable' then 'failed'
        else 'open'
    end as status_code,
    case largest_type
        when 'credit_card' then 'card'
        when 'debit_card' then 'card'
        when 'boleto' then 'transfer'
        when 'voucher' then 'voucher'
        when 'not_defined' then 'other'
        else largest_type
    end as payment_method_code,
    'BRL' as currency,
    -- orders that came to nothing may have no items
    coalesce(items.price, 0) as gross_amount,
    coalesce(items.freight, 0) as shipping_amount,
    order_delivered_customer_date as delivered_at,
    order_estimated_delivery_date as promised_at
from 'olist_orders_dataset.csv.gz'
inner join 'olist_customers_dataset.csv.gz' using (customer_id)
left join items using (order_id)
left join payments using (order_id)
