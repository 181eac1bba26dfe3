select
    messages.record_key as message_id,
    'shop_online' as business_unit_code,
    messages.parent_key as conversation_id,
    'chat' as channel_code,
    {{ json_text('messages.payload', 'visitor_id') }} as profile_id,
    {{ json_timestamp('messages.payload', 'time') }} as sent_at,
    case {{ json_text('messages.payload', 'user_type') }}
        when 'visitor' then 'customer'
        when 'agent' then 'agent'
        else 'bot'
    end as author_kind_code,
    cast(null as text) as employee_id,
    1 as is_public,
    {{ json_text('messages.payload', 'text') }} as message_text
from {{ current_versions('subiz', 'messages') }} as messages
