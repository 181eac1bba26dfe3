select
    id as message_event_id,
    campaign_id,
    user_id as profile_id,
    channel as channel_code,
    kind as kind_code,
    happened_at as occurred_at
from notices
where updated_at >= :since and updated_at < :until
