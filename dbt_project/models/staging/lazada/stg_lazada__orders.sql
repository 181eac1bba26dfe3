with units as (
    select
        order_id,
        sum({{ json_number('item', 'item_price') }}) as gross_amount,
        sum(goods_amount) as goods_amount,
        sum(coalesce({{ json_number('item', 'shipping_amount') }}, 0)) as shipping_amount,
        sum(coalesce({{ json_number('item', 'tax_amount') }}, 0)) as tax_amount,
        max({{ json_text('item', 'currency') }}) as currency,
        count(*) as unit_count,
        sum(case when status = 'canceled' then 1 else 0 end) as cancelled_count,
        sum(case when status in (
            'failed', 'failed_delivery', 'lost', 'lost_by_3pl', 'damaged_by_3pl', 'package_scrapped',
            'shipped_back', 'shipped_back_success', 'shipped_back_failed'
        ) then 1 else 0 end) as failed_count,
        sum(case when status in ('delivered', 'returned') then 1 else 0 end) as arrived_count
    from {{ lazada_units() }} as units
    group by order_id
),

refunds as (
    select
        order_id,
        sum(amount) as refund_amount
    from {{ lazada_refunds() }} as refunds
    group by order_id
)

select
    orders.record_key as order_id,
    {{ json_text('orders.payload', 'order_number') }} as order_number,
    'shop_online' as business_unit_code,
    'lazada' as channel_code,
    orders.parent_key as profile_id,
    {{ json_timestamp('orders.payload', 'created_at') }} as ordered_at,
    case
        when units.cancelled_count = units.unit_count then 'cancelled'
        when units.failed_count = units.unit_count then 'failed'
        when refunds.refund_amount > 0 and refunds.refund_amount >= units.goods_amount then 'returned'
        when units.arrived_count + units.failed_count = units.unit_count then 'delivered'
        else 'open'
    end as status_code,
    {{ code_for('payment_method', 'lazada', json_text('orders.payload', 'payment_method')) }}
        as payment_method_code,
    units.currency,
    units.gross_amount,
    units.gross_amount - units.goods_amount as discount_amount,
    units.shipping_amount,
    units.tax_amount,
    {# an order says that it arrived, and not when #}
    cast(null as {{ type_instant() }}) as delivered_at,
    cast(null as {{ type_instant() }}) as promised_at,
    case
        when units.cancelled_count = units.unit_count then {{ json_timestamp('orders.payload', 'updated_at') }}
    end as cancelled_at
from {{ current_versions('lazada', 'orders') }} as orders
left join units on units.order_id = orders.record_key
left join refunds on refunds.order_id = orders.record_key
