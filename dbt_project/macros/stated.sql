{# What a source says itself of its days: FIELD of STREAM, whose records have a `day` each. #}
{% macro stated_by_day(source_name, stream, measure_code, field, unit='shop_online') %}
select
    stated.record_key as control_total_id,
    '{{ unit }}' as business_unit_code,
    '{{ measure_code }}' as measure_code,
    cast({{ json_text('stated.payload', 'day') }} as date) as period_date,
    {{ json_number('stated.payload', field) }} as total_value,
    {{ json_number('stated.payload', field) }} as record_count
from {{ current_versions(source_name, stream) }} as stated
{%- endmacro %}
