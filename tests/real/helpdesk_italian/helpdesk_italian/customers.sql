select customer as profile_id, min("Complete Timestamp") as created_at
from 'finale.csv.gz'
group by customer
