select
    orders.record_key as order_id,
    {{ json_text('orders.payload', 'name') }} as order_number,
    'shop_online' as business_unit_code,
    {{ code_for('channel', 'haravan', json_text('orders.payload', 'source_name')) }} as channel_code,
    {# an order without an account is a profile of its own: its phone or e-mail may tell who it was #}
    case
        when {{ json_text('orders.payload', 'customer.id') }} <> ''
            then {{ json_text('orders.payload', 'customer.id') }}
        when coalesce(
            nullif({{ json_text('orders.payload', 'phone') }}, ''),
            nullif({{ json_text('orders.payload', 'email') }}, '')
        ) is not null then 'guest:' || orders.record_key
    end as profile_id,
    {{ json_timestamp('orders.payload', 'created_at') }} as ordered_at,
    case
        when {{ json_text('orders.payload', 'cancelled_at') }} is not null
            and {{ json_text('orders.payload', 'fulfillments.0.carrier_status_code') }} = 'return'
            then 'failed'
        when {{ json_text('orders.payload', 'cancelled_at') }} is not null then 'cancelled'
        when {{ json_text('orders.payload', 'financial_status') }} = 'refunded' then 'returned'
        when {{ json_text('orders.payload', 'fulfillments.0.carrier_status_code') }} = 'delivered'
            or {{ json_text('orders.payload', 'source_name') }} = 'pos' then 'delivered'
        else 'open'
    end as status_code,
    {{ code_for('payment_method', 'haravan', json_text('orders.payload', 'gateway_code')) }}
        as payment_method_code,
    {{ json_text('orders.payload', 'currency') }} as currency,
    {{ json_number('orders.payload', 'total_line_items_price') }} as gross_amount,
    {{ json_number('orders.payload', 'total_discounts') }} as discount_amount,
    coalesce({{ json_number('orders.payload', 'shipping_lines.0.price') }}, 0) as shipping_amount,
    {{ json_number('orders.payload', 'total_tax') }} as tax_amount,
    {{ json_timestamp('orders.payload', 'fulfillments.0.delivered_date') }} as delivered_at,
    {# a note is free text: one that is no time promises nothing #}
    (
        select max({{ timestamp_or_null(json_text('notes.item', 'value')) }})
        from {{ json_elements('orders.payload', 'note_attributes', 'notes') }}
        where {{ json_text('notes.item', 'name') }} = 'promised_at'
    ) as promised_at,
    {{ json_timestamp('orders.payload', 'cancelled_at') }} as cancelled_at
from {{ current_versions('haravan', 'orders') }} as orders
