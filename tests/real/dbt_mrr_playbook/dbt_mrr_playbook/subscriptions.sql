-- a period is a subscription: paid from its first day, and over on the day that it ends with
select
    subscription_id,
    start_date as effective_at,
    customer_id as profile_id,
    'active' as status_code,
    start_date as started_at,
    null as ended_at,
    monthly_amount,
    'USD' as currency
from 'subscription_periods.csv'
union all
select subscription_id, end_date, customer_id, 'ended', start_date, end_date, monthly_amount, 'USD'
from 'subscription_periods.csv'
