select
    'l' || range as listing_id,
    'h' || range % 400 as profile_id,
    'House ' || range as title,
    'house' as category_name,
    first_at + interval (range % 300) day as created_at,
    first_at + interval (range % 300) day as published_at,
    300000 + 10000 * (range % 90) as price
from range(2000), (select min(occurred_at) as first_at from 'visits.parquet')
