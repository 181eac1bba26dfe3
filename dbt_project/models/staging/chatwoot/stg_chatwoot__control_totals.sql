{% set measures = [
    ('conversation_count', 'conversations_count'),
    ('answer_count', 'total_count'),
    ('survey_count', 'total_sent_messages_count'),
] %}
{% for measure_code, field in measures %}
{{ stated_by_day('chatwoot', 'report_days', measure_code, field, unit='sales_software') }}
union all
{% endfor %}
select
    conversations.record_key as control_total_id,
    'sales_software' as business_unit_code,
    'first_response_minutes' as measure_code,
    {{ local_date(json_epoch('conversations.payload', 'created_at'), "'Asia/Ho_Chi_Minh'") }} as period_date,
    (
        {{ json_number('conversations.payload', 'first_reply_created_at') }}
        - {{ json_number('conversations.payload', 'created_at') }}
    ) / 60 as total_value,
    cast(1 as numeric(18, 4)) as record_count
from {{ current_versions('chatwoot', 'conversations') }} as conversations
where {{ json_number('conversations.payload', 'first_reply_created_at') }} > 0
