select
    ratings.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'support' as channel_code,
    {{ json_text('ratings.payload', 'requester_id') }} as profile_id,
    cast(null as text) as order_id,
    {{ json_text('ratings.payload', 'ticket_id') }} as conversation_id,
    'csat' as kind_code,
    'binary' as scale_code,
    cast(case when {{ json_text('ratings.payload', 'score') }} like 'good%' then 1 else 0 end as numeric(18, 4))
        as score,
    {{ json_text('ratings.payload', 'comment') }} as comment_text,
    {{ json_timestamp('ratings.payload', 'created_at') }} as invited_at,
    {{ json_timestamp('ratings.payload', 'updated_at') }} as answered_at
from {{ current_versions('zendesk', 'satisfaction_ratings') }} as ratings
{# an offered rating is an invitation, not an answer #}
where {{ json_text('ratings.payload', 'score') }} like 'good%'
    or {{ json_text('ratings.payload', 'score') }} like 'bad%'
