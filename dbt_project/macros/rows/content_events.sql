{% macro rows_of_content_events(source_name) %}
select
    records.parent_key as content_event_id,
    records.scope as business_unit_code,
    {{ row_reference('content_id') }} as content_id,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_reference('anonymous_id') }} as anonymous_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_text('kind_code') }} as kind_code,
    {{ row_instant('occurred_at') }} as occurred_at,
    {{ row_reference('parent_event_id') }} as parent_event_id,
    {{ row_text('body_text') }} as body_text,
    {{ row_number_of('amount') }} as amount
{{ first_rows_of(source_name, 'content_events') }}
{% endmacro %}
