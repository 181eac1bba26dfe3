select customer_id as profile_id, min(start_date) as created_at
from 'subscription_periods.csv'
group by customer_id
