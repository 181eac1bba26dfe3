{% macro rows_of_shifts(source_name) %}
select
    records.parent_key as shift_id,
    records.scope as business_unit_code,
    {{ row_reference('employee_id') }} as employee_id,
    {{ row_text('place_name') }} as place_name,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_instant('starts_at') }} as starts_at,
    {{ row_instant('ends_at') }} as ends_at,
    {{ row_number_of('hourly_cost') }} as hourly_cost
{{ first_rows_of(source_name, 'shifts') }}
{% endmacro %}
