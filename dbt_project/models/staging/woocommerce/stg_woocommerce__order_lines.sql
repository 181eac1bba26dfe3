{% set quantity = json_number('lines.item', 'quantity') %}
select
    orders.record_key as order_id,
    {{ json_text('lines.item', 'id') }} as line_id,
    {{ json_text('lines.item', 'product_id') }} as product_id,
    {{ json_text('lines.item', 'name') }} as product_name,
    {{ quantity }} as quantity,
    {{ json_number('lines.item', 'subtotal') }} / nullif({{ quantity }}, 0) as unit_price,
    {{ json_number('lines.item', 'subtotal') }} - {{ json_number('lines.item', 'total') }} as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from {{ current_versions('woocommerce', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'line_items', 'lines') }}
where {{ json_text('orders.payload', 'status') }} not like '%draft'
