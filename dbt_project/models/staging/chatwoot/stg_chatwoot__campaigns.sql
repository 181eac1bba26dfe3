select
    inboxes.record_key as campaign_id,
    'sales_software' as business_unit_code,
    'CSAT | ' || coalesce({{ json_text('inboxes.payload', 'name') }}, '') as campaign_name,
    {{ code_for('channel', 'chatwoot', json_text('inboxes.payload', 'channel_type')) }} as channel_code,
    'survey' as kind_code,
    cast(null as text) as topic_code,
    cast(null as text) as category_name,
    cast(null as text) as sku,
    cast(null as text) as subject,
    cast(null as {{ type_instant() }}) as sent_at,
    cast(null as {{ type_instant() }}) as ended_at
from {{ current_versions('chatwoot', 'inboxes') }} as inboxes
