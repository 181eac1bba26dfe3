select
    event_id,
    event_name,
    case when event_name in ('Home') then 'page' else 'track' end as kind_code,
    occurred_at,
    anonymous_id,
    profile_id,
    'website' as channel_code,
    'android' as platform_code,
    referrer
from 'visits.parquet'
