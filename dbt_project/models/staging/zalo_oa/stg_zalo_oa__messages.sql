select
    messages.record_key as message_id,
    'shop_online' as business_unit_code,
    messages.parent_key as conversation_id,
    'zalo' as channel_code,
    {{ json_text('messages.payload', 'user_id') }} as profile_id,
    {{ json_epoch('messages.payload', 'time', 1000) }} as sent_at,
    case when {{ json_text('messages.payload', 'src') }} = '1' then 'customer' else 'agent' end as author_kind_code,
    cast(null as text) as employee_id,
    1 as is_public,
    {{ json_text('messages.payload', 'message') }} as message_text
from {{ current_versions('zalo_oa', 'messages') }} as messages
