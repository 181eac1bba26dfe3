select
    profile_id,
    min(occurred_at) as created_at,
    ['Hà Nội', 'Hồ Chí Minh', 'Đà Nẵng', 'Huế'][1 + (hash(profile_id) % 4)::int] as city
from 'visits.parquet'
where profile_id is not null
group by profile_id
