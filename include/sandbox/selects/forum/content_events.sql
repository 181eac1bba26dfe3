select
    id as content_event_id,
    post_id as content_id,
    user_id as profile_id,
    kind as kind_code,
    'website' as channel_code,
    happened_at as occurred_at,
    parent_id as parent_event_id,
    amount
from reactions
where updated_at >= :since and updated_at < :until
union all
select
    'm' || id as content_event_id,
    post_id as content_id,
    null as profile_id,
    'moderate' as kind_code,
    'website' as channel_code,
    done_at as occurred_at,
    null as parent_event_id,
    dong as amount
from moderations
where updated_at >= :since and updated_at < :until
