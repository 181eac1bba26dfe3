select
    answers.record_key as feedback_id,
    'sales_software' as business_unit_code,
    {{ code_for('channel', 'chatwoot', json_text('surveys.payload', 'channel')) }} as channel_code,
    {{ json_text('answers.payload', 'contact.id') }} as profile_id,
    cast(null as text) as order_id,
    {{ json_text('answers.payload', 'conversation_id') }} as conversation_id,
    'csat' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('answers.payload', 'rating') }} as score,
    nullif({{ json_text('answers.payload', 'feedback_message') }}, '') as comment_text,
    {{ json_epoch('surveys.payload', 'created_at') }} as invited_at,
    {{ json_epoch('answers.payload', 'created_at') }} as answered_at
from {{ current_versions('chatwoot', 'csat_responses') }} as answers
left join {{ current_versions('chatwoot', 'messages') }} as surveys
    on surveys.record_key = {{ json_text('answers.payload', 'message_id') }}
