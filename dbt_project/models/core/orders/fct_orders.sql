{{ config(
    unique_key=['source_key', 'order_id'],
    dirty_from={
        'int_orders_unioned': ['source_key', 'order_id'],
        'fct_order_lines': ['source_key', 'order_id'],
        'fct_payments': ['source_key', 'order_id'],
        'identity_map': ['identifier_key'],
        'dim_customer': ['customer_key'],
        'dim_business_unit': "select t.source_key, t.order_id from {this} as t inner join {changed}"
            ~ " on t.business_unit_code in (changed_rows.business_unit_code, 'unknown')",
    },
    change_carries=['customer_key', 'business_unit_code', 'order_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['order_date']},
        {'columns': ['business_unit_code', 'order_date']},
    ],
) }}

with lines as (
    select
        source_key,
        order_id,
        sum(gross_amount) as gross_amount,
        sum(quantity) as unit_count,
        {# lines that name no product say nothing of how many there were #}
        nullif(count(distinct product_id), 0) as product_count
    from {{ ref('fct_order_lines') }} as order_lines
    where {{ is_dirty('order_lines') }}
    group by source_key, order_id
),

refunds as (
    select
        source_key,
        order_id,
        sum(revenue_refunded) as refund_amount
    from {{ ref('fct_payments') }} as payments
    where kind_code = 'refund' and {{ is_dirty('payments') }}
    group by source_key, order_id
)

select
    orders.source_key,
    orders.order_id,
    orders.order_number,
    coalesce(units.business_unit_code, 'unknown') as business_unit_code,
    coalesce(channels.channel_code, 'unknown') as channel_code,
    coalesce(identity_map.customer_key, 'unknown') as customer_key,
    orders.source_key || ':' || orders.profile_id as identifier_key,
    orders.ordered_at,
    {{ local_time('orders.ordered_at', 'units.time_zone') }} as ordered_at_local,
    {{ local_date('orders.ordered_at', 'units.time_zone') }} as order_date,
    orders.status_code,
    {# cancelled, failed and staff orders, and credit notes, are no revenue, no buyer, no conversion #}
    case
        when orders.status_code in ('cancelled', 'failed', 'credit_note') then 0
        when coalesce(customers.is_internal, 0) = 1 then 0
        else 1
    end as is_counted,
    orders.payment_method_code,
    coalesce(orders.currency, units.currency) as currency,
    coalesce(orders.gross_amount, lines.gross_amount, 0) as gross_amount,
    coalesce(orders.discount_amount, 0) as discount_amount,
    coalesce(refunds.refund_amount, 0) as refund_amount,
    coalesce(orders.gross_amount, lines.gross_amount, 0) - coalesce(orders.discount_amount, 0)
        - coalesce(refunds.refund_amount, 0) as net_amount,
    coalesce(orders.shipping_amount, 0) as shipping_amount,
    coalesce(orders.tax_amount, 0) as tax_amount,
    lines.gross_amount as lines_gross_amount,
    lines.unit_count,
    lines.product_count,
    {{ local_time('orders.delivered_at', 'units.time_zone') }} as delivered_at_local,
    {{ local_time('orders.promised_at', 'units.time_zone') }} as promised_at_local,
    {{ local_date('orders.delivered_at', 'units.time_zone') }} as delivered_date,
    {{ local_date('orders.promised_at', 'units.time_zone') }} as promised_date,
    case when orders.delivered_at > orders.promised_at then 1 when orders.delivered_at <= orders.promised_at then 0 end
        as is_late,
    case
        when {{ local_date('orders.delivered_at', 'units.time_zone') }}
            > {{ local_date('orders.promised_at', 'units.time_zone') }} then 1
        when orders.delivered_at is not null and orders.promised_at is not null then 0
    end as is_late_by_date,
    {{ seconds_between('orders.ordered_at', 'orders.delivered_at') }} as delivery_seconds
from {{ ref('int_orders_unioned') }} as orders
left join {{ ref('dim_business_unit') }} as units
    on units.business_unit_code = coalesce(orders.business_unit_code, 'unknown')
left join {{ ref('dim_channel') }} as channels on channels.channel_code = orders.channel_code
left join {{ source('identity', 'identity_map') }} as identity_map
    on identity_map.source_key = orders.source_key
    and identity_map.profile_id = orders.profile_id
left join {{ ref('dim_customer') }} as customers on customers.customer_key = identity_map.customer_key
left join lines on lines.source_key = orders.source_key and lines.order_id = orders.order_id
left join refunds on refunds.source_key = orders.source_key and refunds.order_id = orders.order_id
where {{ is_dirty('orders') }}
