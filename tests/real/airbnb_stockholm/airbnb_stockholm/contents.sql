-- a review is its day and its listing, the topic here: neither text nor author was kept
select
    listing_id || '-' || date || '-' || row_number() over (partition by listing_id, date) as content_id,
    'review' as kind_code,
    'marketplace' as channel_code,
    listing_id as topic_code,
    date as published_at
from 'reviews.csv.gz'
