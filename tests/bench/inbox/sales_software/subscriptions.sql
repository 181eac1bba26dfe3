select
    'm' || profile_id as subscription_id,
    min(occurred_at) as effective_at,
    profile_id,
    'basic' as plan_id,
    'Basic' as plan_name,
    'active' as status_code,
    min(occurred_at) as started_at,
    200000 as monthly_amount
from 'visits.parquet'
where profile_id is not null and hash(profile_id) % 3 = 0
group by profile_id
