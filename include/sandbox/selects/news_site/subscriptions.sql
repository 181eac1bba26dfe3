select
    subscription_id,
    since as effective_at,
    user_id as profile_id,
    plan as plan_id,
    plan_name,
    state as status_code,
    case when trial_until is not null then 'opt_out' end as trial_kind_code,
    started_at,
    trial_until as trial_ends_at,
    period_from as current_period_starts_at,
    period_to as current_period_ends_at,
    cancelled_at,
    ended_at,
    reason as cancel_reason_code,
    1 as quantity,
    monthly_price as unit_amount,
    monthly_price as monthly_amount,
    'VND' as currency
from subscription_terms
where updated_at >= :since and updated_at < :until
