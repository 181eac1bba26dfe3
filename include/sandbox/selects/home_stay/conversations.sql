-- a chat changes with each message of it
select
    booking_id as conversation_id,
    guest_id as profile_id,
    'website' as channel_code,
    'advice' as topic_code,
    min(sent_at) as opened_at,
    min(case is_guest when 0 then sent_at end) as first_reply_at,
    min(case is_guest when 0 then sent_at end) as first_human_reply_at,
    count(*) as message_count
from messages
group by booking_id, guest_id
having max(updated_at) >= :since and max(updated_at) < :until
