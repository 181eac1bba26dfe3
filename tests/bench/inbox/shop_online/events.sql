select
    event_id,
    event_name,
    case when event_name in ('Home') then 'page' else 'track' end as kind_code,
    occurred_at,
    anonymous_id,
    profile_id,
    'website' as channel_code,
    'web' as platform_code,
    referrer,
    case when event_name like 'Product %' then 's' || floor(500 * pow(chance, 2))::int end as product_id,
    case event_name when 'Order Completed' then 'o' || number end as order_id,
    case event_name when 'Product Added' then 50000 + 1000 * floor(500 * chance)::int end as amount
from 'visits.parquet'
