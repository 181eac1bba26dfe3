{% macro rows_of_messages(source_name) %}
select
    records.parent_key as message_id,
    records.scope as business_unit_code,
    {{ row_reference('conversation_id') }} as conversation_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_instant('sent_at') }} as sent_at,
    {{ row_text('author_kind_code') }} as author_kind_code,
    {{ row_reference('employee_id') }} as employee_id,
    coalesce({{ row_flag('is_public') }}, 1) as is_public,
    {{ row_text('message_text') }} as message_text
{{ first_rows_of(source_name, 'messages') }}
{% endmacro %}
