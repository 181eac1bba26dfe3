select
    orders.record_key as order_id,
    {{ json_text('orders.payload', 'number') }} as order_number,
    'shop_online' as business_unit_code,
    {{ code_for('channel', 'woocommerce', json_text('orders.payload', 'created_via')) }} as channel_code,
    {# an order without an account is a profile of its own: its phone or e-mail may tell who it was #}
    case
        when {{ json_text('orders.payload', 'customer_id') }} <> '0'
            then {{ json_text('orders.payload', 'customer_id') }}
        when coalesce(
            nullif({{ json_text('orders.payload', 'billing.phone') }}, ''),
            nullif({{ json_text('orders.payload', 'billing.email') }}, '')
        ) is not null then 'guest:' || orders.record_key
    end as profile_id,
    {{ json_utc('orders.payload', 'date_created_gmt') }} as ordered_at,
    case {{ json_text('orders.payload', 'status') }}
        when 'completed' then 'delivered'
        when 'refunded' then 'returned'
        when 'cancelled' then 'cancelled'
        when 'failed' then 'failed'
        else 'open'
    end as status_code,
    {{ code_for('payment_method', 'woocommerce', json_text('orders.payload', 'payment_method')) }}
        as payment_method_code,
    {{ json_text('orders.payload', 'currency') }} as currency,
    (
        select sum({{ json_number('lines.item', 'subtotal') }})
        from {{ json_elements('orders.payload', 'line_items', 'lines') }}
    ) as gross_amount,
    {{ json_number('orders.payload', 'discount_total') }} as discount_amount,
    {# the fee for cash on delivery is part of what bringing it costs #}
    {{ json_number('orders.payload', 'shipping_total') }} + coalesce((
        select sum({{ json_number('fees.item', 'total') }})
        from {{ json_elements('orders.payload', 'fee_lines', 'fees') }}
    ), 0) as shipping_amount,
    {{ json_number('orders.payload', 'total_tax') }} as tax_amount,
    {{ json_utc('orders.payload', 'date_completed_gmt') }} as delivered_at,
    cast(null as {{ type_instant() }}) as promised_at,
    case
        when {{ json_text('orders.payload', 'status') }} = 'cancelled'
            then {{ json_utc('orders.payload', 'date_modified_gmt') }}
    end as cancelled_at
from {{ current_versions('woocommerce', 'orders') }} as orders
{# a basket at the till is no order yet #}
where {{ json_text('orders.payload', 'status') }} not like '%draft'
