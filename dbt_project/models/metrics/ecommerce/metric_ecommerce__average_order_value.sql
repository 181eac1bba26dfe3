{{ config(
    unique_key=[
        'business_unit_code', 'metric_code', 'variant_code', 'period_grain_code', 'period_start',
        'segment_type_code', 'segment_code',
    ],
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_orders': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on changed_rows.order_date >= p.period_start and changed_rows.order_date < p.period_end",
    },
) }}

with orders as (
    select
        periods.period_grain_code,
        periods.period_start,
        orders.business_unit_code,
        orders.channel_code,
        {# order value takes refunds back to the order's date; a period's revenue does not #}
        orders.net_amount,
        orders.unit_count,
        orders.product_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_orders') }} as orders
        on orders.order_date >= periods.period_start
        and orders.order_date < periods.period_end
    where orders.is_counted = 1
        and periods.period_grain_code in ('day', 'week', 'month', 'quarter')
        and {{ is_dirty('periods') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when grouping(channel_code) = 1 then 'all' else 'channel' end as segment_type_code,
    case when grouping(channel_code) = 1 then 'all' else channel_code end as segment_code,
        sum(net_amount) as net_amount,
        sum(net_amount * net_amount) as net_squares,
        percentile_cont(0.5) within group (order by net_amount) as net_median,
        sum(unit_count) as unit_count,
        sum(unit_count * unit_count) as unit_squares,
        percentile_cont(0.5) within group (order by unit_count) as unit_median,
        sum(product_count) as product_count,
        sum(product_count * product_count) as product_squares,
        count(unit_count) as lined_count,
        count(product_count) as named_count,
        count(*) as order_count
    from orders
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, channel_code)
    )
)
{% for variant, value_kind, numerator, denominator, squares, value, n in [
    ('net', 'mean', 'net_amount', 'order_count', 'net_squares', 'null', 'order_count'),
    ('net_median', 'quantile', 'null', 'null', 'null', 'net_median', 'order_count'),
    ('units_per_order', 'mean', 'unit_count', 'lined_count', 'unit_squares', 'null', 'lined_count'),
    ('units_median', 'quantile', 'null', 'null', 'null', 'unit_median', 'lined_count'),
    ('lines_per_order', 'mean', 'product_count', 'named_count', 'product_squares', 'null', 'named_count'),
] %}
{{ 'union all' if not loop.first }}
select
    business_unit_code,
    'ecommerce.average_order_value' as metric_code,
    '{{ variant }}' as variant_code,
    period_grain_code,
    period_start,
    segment_type_code,
    segment_code,
    '{{ value_kind }}' as value_kind,
    cast({{ numerator }} as numeric) as numerator,
    cast({{ denominator }} as numeric) as denominator,
    cast({{ squares }} as numeric) as sum_squares,
    cast({{ value }} as numeric) as value,
    {{ n }} as n
from measured
{% endfor %}
