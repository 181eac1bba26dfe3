{% macro rows_of_orders(source_name) %}
select
    records.parent_key as order_id,
    coalesce({{ json_text('records.payload', 'order_number') }}, {{ json_text('records.payload', 'order_id') }})
        as order_number,
    records.scope as business_unit_code,
    {{ code_in_rows('channel', source_name, json_text('records.payload', 'channel_code')) }} as channel_code,
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as profile_id,
    {{ json_timestamp('records.payload', 'ordered_at') }} as ordered_at,
    coalesce({{ json_text('records.payload', 'status_code') }}, 'delivered') as status_code,
    {{ code_in_rows('payment_method', source_name, json_text('records.payload', 'payment_method_code')) }} as payment_method_code,
    {{ json_text('records.payload', 'currency') }} as currency,
    {{ json_number('records.payload', 'gross_amount') }} as gross_amount,
    coalesce({{ json_number('records.payload', 'discount_amount') }}, 0) as discount_amount,
    coalesce({{ json_number('records.payload', 'shipping_amount') }}, 0) as shipping_amount,
    coalesce({{ json_number('records.payload', 'tax_amount') }}, 0) as tax_amount,
    {{ json_timestamp('records.payload', 'delivered_at') }} as delivered_at,
    {{ json_timestamp('records.payload', 'promised_at') }} as promised_at,
    {{ json_timestamp('records.payload', 'cancelled_at') }} as cancelled_at
from {{ current_versions(source_name, 'orders') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
