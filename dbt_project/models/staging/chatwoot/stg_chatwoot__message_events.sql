select
    surveys.record_key as message_event_id,
    'sales_software' as business_unit_code,
    {{ json_text('surveys.payload', 'inbox_id') }} as campaign_id,
    {{ code_for('channel', 'chatwoot', json_text('surveys.payload', 'channel')) }} as channel_code,
    {{ json_text('surveys.payload', 'contact_id') }} as profile_id,
    'sent' as kind_code,
    {{ json_epoch('surveys.payload', 'created_at') }} as occurred_at,
    cast(null as text) as url,
    0 as is_machine
from {{ current_versions('chatwoot', 'messages') }} as surveys
where {{ json_text('surveys.payload', 'content_type') }} = 'input_csat'
