{# What a shop says itself of how many orders it has, by day. #}
{% macro shop_order_counts(source_name) %}
select
    counts.record_key as control_total_id,
    'shop_online' as business_unit_code,
    'order_count' as measure_code,
    cast({{ json_text('counts.payload', 'day') }} as date) as period_date,
    {{ json_number('counts.payload', 'count') }} as total_value,
    {{ json_number('counts.payload', 'count') }} as record_count
from {{ current_versions(source_name, 'order_counts') }} as counts
{% endmacro %}
