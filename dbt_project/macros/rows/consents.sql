{% macro rows_of_consents(source_name) %}
select
    records.parent_key as consent_id,
    records.scope as business_unit_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_text('purpose_code') }} as purpose_code,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_flag('is_granted') }} as is_granted,
    {{ row_instant('decided_at') }} as decided_at,
    {{ row_text('origin_code') }} as origin_code,
    {{ row_text('evidence') }} as evidence
{{ first_rows_of(source_name, 'consents') }}
{% endmacro %}
