select
    'b' || number as booking_id,
    'l' || floor(2000 * pow(chance, 2))::int as listing_id,
    profile_id,
    'h' || floor(2000 * pow(chance, 2))::int % 400 as seller_profile_id,
    occurred_at as requested_at,
    occurred_at + interval 10 minute as accepted_at,
    occurred_at + interval 30 minute as paid_at,
    case when left_at < last_at then left_at end as completed_at,
    case when left_at < last_at then 'completed' else 'accepted' end as status_code,
    1000000 as amount,
    100000 as fee_amount
from (
    select *, occurred_at + interval (1 + number % 14) day as left_at, max(occurred_at) over () as last_at
    from 'visits.parquet'
)
where event_name = 'Order Completed' and profile_id is not null
