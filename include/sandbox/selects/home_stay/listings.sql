select
    id as listing_id,
    host_id as profile_id,
    'homestay' as category_name,
    city,
    listed_at as created_at,
    listed_at as published_at,
    price,
    'VND' as currency
from listings
where updated_at >= :since and updated_at < :until
