select
    messages.record_key as message_id,
    'shop_online' as business_unit_code,
    messages.parent_key as conversation_id,
    'tiktok_shop' as channel_code,
    {{ json_text('messages.payload', 'user_id') }} as profile_id,
    {{ json_epoch('messages.payload', 'create_time') }} as sent_at,
    case {{ json_text('messages.payload', 'sender.role') }}
        when 'BUYER' then 'customer'
        when 'CUSTOMER_SERVICE' then 'agent'
        when 'SHOP' then 'agent'
        else 'bot'
    end as author_kind_code,
    cast(null as text) as employee_id,
    {# what TikTok says behind the shop's back, as that a rating was asked for #}
    case when {{ json_text('messages.payload', 'is_visible') }} = 'false' then 0 else 1 end as is_public,
    {{ json_text('messages.payload', 'content') }} as message_text
from {{ current_versions('tiktok_shop', 'messages') }} as messages
