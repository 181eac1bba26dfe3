select
    case event_name when 'Order Completed' then 'o' else 'c' end || number as order_id,
    1 as line_id,
    's' || floor(500 * pow(chance, 2))::int as product_id,
    1 as quantity,
    50000 + 1000 * floor(1500 * pow(chance, 3))::int as unit_price
from 'visits.parquet'
where event_name = 'Order Completed' or (place = 1 and profile_id is not null and chance < 0.7)
