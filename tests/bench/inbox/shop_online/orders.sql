select
    'o' || number as order_id,
    'website' as channel_code,
    profile_id,
    occurred_at as ordered_at,
    50000 + 1000 * floor(1500 * pow(chance, 3))::int as gross_amount
from 'visits.parquet'
where event_name = 'Order Completed'
union all
-- more is bought at the counter, by those who are known there
select
    'c' || number as order_id,
    'counter' as channel_code,
    profile_id,
    occurred_at as ordered_at,
    50000 + 1000 * floor(1500 * pow(chance, 3))::int as gross_amount
from 'visits.parquet'
where place = 1 and profile_id is not null and chance < 0.7
