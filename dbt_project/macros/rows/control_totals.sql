{% macro rows_of_control_totals(source_name) %}
select
    records.parent_key as control_total_id,
    records.scope as business_unit_code,
    {{ row_text('measure_code') }} as measure_code,
    {{ row_date('period_date') }} as period_date,
    {{ row_number_of('total_value') }} as total_value,
    {{ row_number_of('record_count') }} as record_count
{{ first_rows_of(source_name, 'control_totals') }}
{% endmacro %}
