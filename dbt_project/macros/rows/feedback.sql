{% macro rows_of_feedback(source_name) %}
select
    records.record_key as feedback_id,
    records.scope as business_unit_code,
    {{ code_in_rows('channel', source_name, json_text('records.payload', 'channel_code')) }} as channel_code,
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as profile_id,
    records.scope || '/' || {{ json_text('records.payload', 'order_id') }} as order_id,
    records.scope || '/' || {{ json_text('records.payload', 'conversation_id') }} as conversation_id,
    {{ json_text('records.payload', 'kind_code') }} as kind_code,
    {{ json_text('records.payload', 'scale_code') }} as scale_code,
    {{ json_number('records.payload', 'score') }} as score,
    {{ json_text('records.payload', 'comment_text') }} as comment_text,
    {{ json_timestamp('records.payload', 'invited_at') }} as invited_at,
    {{ json_timestamp('records.payload', 'answered_at') }} as answered_at
from {{ current_versions(source_name, 'feedback') }} as records
{# a row without a score is an invitation that nobody answered #}
where {{ json_text('records.payload', 'score') }} is not null
{% endmacro %}
