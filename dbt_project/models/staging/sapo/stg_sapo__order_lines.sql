select
    orders.record_key as order_id,
    {{ json_text('lines.item', 'id') }} as line_id,
    {{ json_text('lines.item', 'variant_id') }} as product_id,
    {{ json_text('lines.item', 'title') }} as product_name,
    {{ json_number('lines.item', 'quantity') }} as quantity,
    {{ json_number('lines.item', 'price') }} as unit_price,
    coalesce({{ json_number('lines.item', 'total_discount') }}, 0) as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from {{ current_versions('sapo', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'line_items', 'lines') }}
