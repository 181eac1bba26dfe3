{% macro rows_of_order_lines(source_name) %}
select
    records.parent_key as order_id,
    {# a key that a source repeats is told apart by its occurrence #}
    {{ json_text('records.payload', 'line_id') }}
        || case
            when {{ is_first_of_its_key() }} then ''
            else '#' || {{ json_text('records.payload', '_occurrence') }}
        end
        as line_id,
    records.scope || '/' || {{ json_text('records.payload', 'product_id') }} as product_id,
    {{ json_text('records.payload', 'product_name') }} as product_name,
    {{ json_number('records.payload', 'quantity') }} as quantity,
    {{ json_number('records.payload', 'unit_price') }} as unit_price,
    coalesce({{ json_number('records.payload', 'discount_amount') }}, 0) as discount_amount,
    coalesce({{ json_number('records.payload', 'shipping_amount') }}, 0) as shipping_amount,
    cast(coalesce({{ json_text('records.payload', '_copy') }}, '1') as integer) as copy_number
from {{ current_versions(source_name, 'order_lines') }} as records
{% endmacro %}
