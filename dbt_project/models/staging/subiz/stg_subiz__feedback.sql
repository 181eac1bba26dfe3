select
    chats.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'chat' as channel_code,
    {{ json_text('chats.payload', 'visitor.id') }} as profile_id,
    cast(null as text) as order_id,
    chats.record_key as conversation_id,
    'csat' as kind_code,
    'binary' as scale_code,
    cast(case {{ json_text('chats.payload', 'rating') }} when 'good' then 1 else 0 end as numeric(18, 4)) as score,
    cast(null as text) as comment_text,
    {{ json_timestamp('chats.payload', 'session.end_time') }} as invited_at,
    {{ json_timestamp('chats.payload', 'session.end_time') }} as answered_at
from {{ current_versions('subiz', 'chats') }} as chats
where {{ json_text('chats.payload', 'rating') }} in ('good', 'bad')
