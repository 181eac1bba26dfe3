-- Arithmetic only: the file has no dates. Churn means that a customer left within the last month; that month is
-- December 2019 here, everybody paid in the one before it, and whoever left did so on its last day. What tenure tells
-- of earlier months is left out: each of its 228,000 months would be a row that nothing is known of.
select
    customerID as subscription_id,
    date '2019-11-01' as effective_at,
    customerID as profile_id,
    Contract as plan_id,
    Contract as plan_name,
    'active' as status_code,
    date '2019-11-01' as started_at,
    null as ended_at,
    MonthlyCharges::decimal(18, 2) as monthly_amount,
    'USD' as currency
from 'WA_Fn-UseC_-Telco-Customer-Churn.csv'
union all
select
    customerID,
    date '2019-12-31',
    customerID,
    Contract,
    Contract,
    'ended',
    date '2019-11-01',
    date '2019-12-31',
    MonthlyCharges::decimal(18, 2),
    'USD'
from 'WA_Fn-UseC_-Telco-Customer-Churn.csv'
where Churn
