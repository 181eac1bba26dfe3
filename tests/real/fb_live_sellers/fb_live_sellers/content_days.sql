-- the file has one sum of each post, up to when it was collected: it is put on the day of the post, for want of days
select
    status_id as content_id,
    strptime(status_published, '%m/%d/%Y %H:%M')::date as content_date,
    -- of every kind: likes, loves, wows, laughs, tears and anger
    num_reactions as like_count,
    num_comments as comment_count,
    num_shares as share_count
from 'fb_live_sellers.csv'
