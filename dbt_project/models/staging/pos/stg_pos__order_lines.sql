select
    receipts.record_key as order_id,
    {{ json_text('lines.item', 'line_no') }} as line_id,
    {{ json_text('lines.item', 'sku') }} as product_id,
    {{ json_text('lines.item', 'name') }} as product_name,
    {{ json_number('lines.item', 'qty') }} as quantity,
    {{ json_number('lines.item', 'unit_price') }} as unit_price,
    {{ json_number('lines.item', 'discount') }} as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from {{ current_versions('pos', 'receipts') }} as receipts
cross join {{ json_elements('receipts.payload', 'lines', 'lines') }}
