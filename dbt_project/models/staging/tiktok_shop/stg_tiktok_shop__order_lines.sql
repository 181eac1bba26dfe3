select
    orders.record_key as order_id,
    {{ json_text('lines.item', 'id') }} as line_id,
    {{ json_text('lines.item', 'sku_id') }} as product_id,
    {{ json_text('lines.item', 'product_name') }}
        || coalesce(' ' || nullif({{ json_text('lines.item', 'sku_name') }}, ''), '') as product_name,
    {# a line is one unit #}
    cast(1 as numeric(18, 4)) as quantity,
    {{ json_number('lines.item', 'original_price') }} as unit_price,
    {# what TikTok itself takes off it pays to the shop #}
    coalesce({{ json_number('lines.item', 'seller_discount') }}, 0) as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from {{ current_versions('tiktok_shop', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'line_items', 'lines') }}
