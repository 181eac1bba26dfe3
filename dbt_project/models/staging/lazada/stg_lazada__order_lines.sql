select
    units.order_id,
    units.unit_id as line_id,
    {{ json_text('units.item', 'sku_id') }} as product_id,
    {{ json_text('units.item', 'name') }}
        || coalesce(' ' || nullif({{ json_text('units.item', 'variation') }}, ''), '') as product_name,
    {# a line is one unit #}
    cast(1 as numeric(18, 4)) as quantity,
    {{ json_number('units.item', 'item_price') }} as unit_price,
    {{ json_number('units.item', 'item_price') }} - units.goods_amount as discount_amount,
    {# what shipping costs is said of the order #}
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from {{ lazada_units() }} as units
