{% macro rows_of_message_events(source_name) %}
select
    records.parent_key as message_event_id,
    records.scope as business_unit_code,
    {{ row_reference('campaign_id') }} as campaign_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_text('kind_code') }} as kind_code,
    {{ row_instant('occurred_at') }} as occurred_at,
    {{ row_text('url') }} as url,
    coalesce({{ row_flag('is_machine') }}, 0) as is_machine
{{ first_rows_of(source_name, 'message_events') }}
{% endmacro %}
