select
    messages.record_key as message_id,
    'sales_software' as business_unit_code,
    messages.parent_key as conversation_id,
    {{ code_for('channel', 'chatwoot', json_text('messages.payload', 'channel')) }} as channel_code,
    {{ json_text('messages.payload', 'contact_id') }} as profile_id,
    {{ json_epoch('messages.payload', 'created_at') }} as sent_at,
    case
        when {{ json_text('messages.payload', 'message_type') }} = '0' then 'customer'
        when {{ json_text('messages.payload', 'sender.type') }} = 'user' then 'agent'
        else 'bot'
    end as author_kind_code,
    case
        when {{ json_text('messages.payload', 'sender.type') }} = 'user'
            then {{ json_text('messages.payload', 'sender.id') }}
    end as employee_id,
    case when {{ json_text('messages.payload', 'private') }} = 'true' then 0 else 1 end as is_public,
    {{ json_text('messages.payload', 'content') }} as message_text
from {{ current_versions('chatwoot', 'messages') }} as messages
where {{ json_text('messages.payload', 'message_type') }} <> '2'
    and coalesce({{ json_text('messages.payload', 'content_type') }}, '') <> 'input_csat'
