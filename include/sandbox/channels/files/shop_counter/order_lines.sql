select
    receipt_no::varchar as order_id,
    line::varchar as line_id,
    sku as product_id,
    name as product_name,
    qty as quantity,
    price as unit_price,
    discount as discount_amount,
    0 as shipping_amount
from 'receipt_lines.jsonl'
