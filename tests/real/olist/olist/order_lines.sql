select
    order_id,
    order_item_id as line_id,
    product_id,
    1 as quantity,
    price::decimal(18, 2) as unit_price,
    freight_value::decimal(18, 2) as shipping_amount
from 'olist_order_items_dataset.csv.gz'
