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
    case when event_name like 'Product %' then 'l' || floor(2000 * pow(chance, 2))::int end as listing_id,
    case event_name when 'Products Searched' then 'nhà ' || floor(50 * chance)::int end as search_term,
    case event_name when 'Products Searched' then floor(30 * chance)::int end as result_count
from 'visits.parquet'
