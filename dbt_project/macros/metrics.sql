{# Metric rows of one business type, in one shape. #}
{% macro stack_metrics(names) %}
    {%- for name in names %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code, metric_code, variant_code, period_grain_code, period_start, segment_type_code,
        segment_code, value_kind, numerator, denominator, residual_squares,
        value, n, n_units
    from {{ ref('metric_' ~ name) }}
    {%- endfor %}
{% endmacro %}

{# The segment of a row of grouping sets by the column of a channel and without it. #}
{% macro segment_of(channel) -%}
    case when grouping({{ channel }}) = 1 then 'all' else 'channel' end as segment_type_code,
    case when grouping({{ channel }}) = 1 then 'all' else {{ channel }} end as segment_code
{%- endmacro %}
