select
    id as content_id,
    user_id as profile_id,
    kind as kind_code,
    topic as topic_code,
    'website' as channel_code,
    published_at,
    removed_at,
    words as word_count
from posts
where updated_at >= :since and updated_at < :until
