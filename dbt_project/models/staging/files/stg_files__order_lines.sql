select
    records.parent_key as order_id,
    {# a key that a file repeats is told apart by its occurrence #}
    {{ json_text('records.payload', 'line_id') }}
        || case when {{ json_text('records.payload', '_occurrence') }} = '1' then '' else '#' || {{ json_text('records.payload', '_occurrence') }} end
        as line_id,
    records.scope || '/' || {{ json_text('records.payload', 'product_id') }} as product_id,
    {{ json_text('records.payload', 'product_name') }} as product_name,
    {{ json_number('records.payload', 'quantity') }} as quantity,
    {{ json_number('records.payload', 'unit_price') }} as unit_price,
    coalesce({{ json_number('records.payload', 'discount_amount') }}, 0) as discount_amount,
    coalesce({{ json_number('records.payload', 'shipping_amount') }}, 0) as shipping_amount,
    cast({{ json_text('records.payload', '_copy') }} as integer) as copy_number
from {{ current_versions('files', 'order_lines') }} as records
