{#
    What a source says itself of its days: FIELD of STREAM, whose records have a `day` each. A rate is of the
    days that end with this one.
#}
{% macro stated_by_day(source_name, stream, measure_code, field, unit='shop_online', is_rate=false) %}
select
    stated.record_key as control_total_id,
    '{{ unit }}' as business_unit_code,
    '{{ measure_code }}' as measure_code,
    cast({{ json_text('stated.payload', 'day') }} as date) as period_date,
    {{ json_number('stated.payload', field) }} as total_value,
    {{ 'cast(null as numeric(18, 4))' if is_rate else json_number('stated.payload', field) }} as record_count
from {{ current_versions(source_name, stream) }} as stated
{%- endmacro %}

{# Whether a figure stated of a day is of another one: the same, or for a rate one of the last so many. #}
{% macro is_of_days(period_date, date, days) %}
    {%- if days > 1 -%}
    {{ period_date }} >= {{ date }} and {{ period_date }} < {{ date }} + {{ days }}
    {%- else -%}
    {{ period_date }} = {{ date }}
    {%- endif -%}
{% endmacro %}
