{# Metric rows of one business type, in one shape. #}
{% macro stack_metrics(names) %}
    {%- for name in names %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code, metric_code, variant_code, period_grain_code, period_start, segment_type_code,
        segment_code, value_kind, numerator, denominator, sum_squares, value, n
    from {{ ref('metric_' ~ name) }}
    {%- endfor %}
{% endmacro %}
