select
    id as feedback_id,
    booking_id as order_id,
    guest_id as profile_id,
    'website' as channel_code,
    'review' as kind_code,
    'one_to_five' as scale_code,
    stars as score,
    words as comment_text,
    asked_at as invited_at,
    written_at as answered_at
from reviews
where updated_at >= :since and updated_at < :until
