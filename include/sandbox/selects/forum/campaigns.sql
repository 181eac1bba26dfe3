select
    id as campaign_id,
    name as campaign_name,
    channel as channel_code,
    'notification' as kind_code,
    kind as topic_code,
    subject,
    began_at as sent_at
from campaigns
where updated_at >= :since and updated_at < :until
