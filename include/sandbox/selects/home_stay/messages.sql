select
    id as message_id,
    booking_id as conversation_id,
    guest_id as profile_id,
    'website' as channel_code,
    case is_guest when 1 then 'customer' else 'agent' end as author_kind_code,
    words as message_text,
    sent_at
from messages
where updated_at >= :since and updated_at < :until
