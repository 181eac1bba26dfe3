-- one scrape: what is on offer on its day. Since when, it does not tell; what it did not find again has no price
select
    id as listing_id,
    listings.host_id as profile_id,
    listings.name as title,
    listings.room_type as category_name,
    listings.neighbourhood as city,
    details.last_scraped as updated_at,
    listings.price,
    'SEK' as currency,
    'live' as status_code
from 'listings.csv.gz' as listings
inner join 'listings_detailed.csv.gz' as details using (id)
