select id as invite_id, user_id as profile_id, 'email' as channel_code, sent_at, accepted_at
from invites
where updated_at >= :since and updated_at < :until
