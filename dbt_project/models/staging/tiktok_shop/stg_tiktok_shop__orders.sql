with refunds as (
    select
        parent_key as order_id,
        sum({{ json_number('payload', 'refund_amount.refund_subtotal') }}) as refund_amount
    from {{ current_versions('tiktok_shop', 'returns') }} as returns
    where {{ json_text('payload', 'return_status') }}
        in ('RETURN_OR_REFUND_REQUEST_COMPLETE', 'REPLACEMENT_REQUEST_REFUND_SUCCESS')
    group by parent_key
)

select
    orders.record_key as order_id,
    orders.record_key as order_number,
    'shop_online' as business_unit_code,
    'tiktok_shop' as channel_code,
    orders.parent_key as profile_id,
    {{ json_epoch('orders.payload', 'create_time') }} as ordered_at,
    case
        {# what is cancelled after the carrier took it came back, or was lost #}
        when {{ json_text('orders.payload', 'status') }} = 'CANCELLED'
            and {{ json_number('orders.payload', 'collection_time') }} > 0
            then 'failed'
        when {{ json_text('orders.payload', 'status') }} = 'CANCELLED' then 'cancelled'
        when refunds.refund_amount > 0 and refunds.refund_amount
            >= {{ json_number('orders.payload', 'payment.original_total_product_price') }}
            - coalesce({{ json_number('orders.payload', 'payment.seller_discount') }}, 0)
            - coalesce({{ json_number('orders.payload', 'payment.platform_discount') }}, 0)
            then 'returned'
        when {{ json_text('orders.payload', 'status') }} in ('DELIVERED', 'COMPLETED') then 'delivered'
        else 'open'
    end as status_code,
    case
        when {{ json_text('orders.payload', 'is_cod') }} = 'true' then 'cod'
        else {{ code_for('payment_method', 'tiktok_shop', json_text('orders.payload', 'payment_method_name')) }}
    end as payment_method_code,
    {{ json_text('orders.payload', 'payment.currency') }} as currency,
    {{ json_number('orders.payload', 'payment.original_total_product_price') }} as gross_amount,
    {# what TikTok itself takes off it pays to the shop #}
    coalesce({{ json_number('orders.payload', 'payment.seller_discount') }}, 0) as discount_amount,
    coalesce({{ json_number('orders.payload', 'payment.shipping_fee') }}, 0) as shipping_amount,
    coalesce({{ json_number('orders.payload', 'payment.tax') }}, 0) as tax_amount,
    {{ json_epoch('orders.payload', 'delivery_time') }} as delivered_at,
    {{ json_epoch('orders.payload', 'delivery_sla_time') }} as promised_at,
    {{ json_epoch('orders.payload', 'cancel_time') }} as cancelled_at
from {{ current_versions('tiktok_shop', 'orders') }} as orders
left join refunds on refunds.order_id = orders.record_key
