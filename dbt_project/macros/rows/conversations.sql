{% macro rows_of_conversations(source_name) %}
select
    records.scope || '/' || {{ json_text('records.payload', 'conversation_id') }} as conversation_id,
    records.scope as business_unit_code,
    {{ code_in_rows('channel', source_name, json_text('records.payload', 'channel_code')) }} as channel_code,
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as profile_id,
    {{ code_in_rows('topic', source_name, json_text('records.payload', 'topic_code')) }} as topic_code,
    {{ json_timestamp('records.payload', 'opened_at') }} as opened_at,
    {{ json_timestamp('records.payload', 'first_reply_at') }} as first_reply_at,
    {{ json_timestamp('records.payload', 'first_human_reply_at') }} as first_human_reply_at,
    {{ json_timestamp('records.payload', 'resolved_at') }} as resolved_at,
    coalesce({{ json_text('records.payload', 'status_code') }}, 'open') as status_code,
    cast({{ json_number('records.payload', 'reopened_count') }} as integer) as reopened_count,
    cast({{ json_number('records.payload', 'message_count') }} as integer) as message_count
from {{ current_versions(source_name, 'conversations') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
