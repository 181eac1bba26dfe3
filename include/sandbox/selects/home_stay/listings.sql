-- one row for each time that a home became another, oldest first: the last one is how it is
select
    listings.id as listing_id,
    listings.host_id as profile_id,
    listings.title,
    'homestay' as category_name,
    listings.city,
    listings.listed_at as created_at,
    listings.listed_at as published_at,
    states.removed_at,
    states.reason as removal_reason_code,
    states.price,
    listings.proposed_price as suggested_price,
    1 as quantity,
    'VND' as currency,
    states.state as status_code,
    states.since as updated_at
from listing_states as states
inner join listings on listings.id = states.listing_id
where states.updated_at >= :since and states.updated_at < :until
order by states.since, states.id
