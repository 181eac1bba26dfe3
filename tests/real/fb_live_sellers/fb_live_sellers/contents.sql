select
    status_id as content_id,
    case status_type when 'photo' then 'image' when 'video' then 'video' when 'status' then 'post' else 'other' end
        as kind_code,
    status_type as topic_code,
    'facebook' as channel_code,
    strptime(status_published, '%m/%d/%Y %H:%M') as published_at
from 'fb_live_sellers.csv'
