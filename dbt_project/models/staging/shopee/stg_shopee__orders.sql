with orders as (
    select
        record_key as order_id,
        parent_key as profile_id,
        payload,
        {{ json_text('payload', 'order_status') }} as status,
        (
            select sum({{ json_number('lines.item', 'model_quantity_purchased') }}
                * {{ json_number('lines.item', 'model_original_price') }})
            from {{ json_elements('payload', 'item_list', 'lines') }}
        ) as gross_amount,
        (
            select sum({{ json_number('lines.item', 'model_quantity_purchased') }}
                * {{ json_number('lines.item', 'model_discounted_price') }})
            from {{ json_elements('payload', 'item_list', 'lines') }}
        ) as goods_amount
    from {{ current_versions('shopee', 'orders') }} as orders
),

refunds as (
    select
        parent_key as order_id,
        sum({{ json_number('payload', 'refund_amount') }}) as refund_amount
    from {{ current_versions('shopee', 'returns') }} as returns
    where {{ json_text('payload', 'status') }} = 'ACCEPTED'
    group by parent_key
)

select
    orders.order_id,
    orders.order_id as order_number,
    'shop_online' as business_unit_code,
    'shopee' as channel_code,
    orders.profile_id,
    {{ json_epoch('orders.payload', 'create_time') }} as ordered_at,
    case
        {# the parcel of one that is cancelled may have been on its way #}
        when orders.status = 'CANCELLED'
            and {{ json_text('orders.payload', 'package_list.0.logistics_status') }}
                in ('LOGISTICS_DELIVERY_FAILED', 'LOGISTICS_LOST')
            then 'failed'
        when orders.status = 'CANCELLED' then 'cancelled'
        when refunds.refund_amount >= orders.goods_amount then 'returned'
        when orders.status in ('COMPLETED', 'TO_CONFIRM_RECEIVE', 'TO_RETURN') then 'delivered'
        else 'open'
    end as status_code,
    {{ code_for('payment_method', 'shopee', json_text('orders.payload', 'payment_method')) }}
        as payment_method_code,
    {{ json_text('orders.payload', 'currency') }} as currency,
    orders.gross_amount,
    orders.gross_amount - orders.goods_amount as discount_amount,
    {# what the buyer paid for shipping only the settlement says: a fee of an order is what the carrier costs #}
    cast(0 as numeric(18, 4)) as shipping_amount,
    cast(0 as numeric(18, 4)) as tax_amount,
    {# an order says that it arrived, and not when #}
    cast(null as {{ type_instant() }}) as delivered_at,
    cast(null as {{ type_instant() }}) as promised_at,
    case when orders.status = 'CANCELLED' then {{ json_epoch('orders.payload', 'update_time') }} end as cancelled_at
from orders
left join refunds on refunds.order_id = orders.order_id
