{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_orders': periods_of('order_date', ['day', 'week', 'month', 'quarter']),
        'cart_outcomes': periods_of('last_active_date', ['day', 'week', 'month', 'quarter']),
        'cart_coverage': all_periods(['day', 'week', 'month', 'quarter']),
    },
) }}

with orders as (
    select
        periods.period_grain_code,
        periods.period_start,
        orders.business_unit_code,
        orders.channel_code,
        {# whose order it is; an order of nobody known is a person of its own #}
        case
            when orders.customer_key = 'unknown' then orders.source_key || ' ' || orders.order_id
            else orders.customer_key
        end as person,
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

middles as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        {{ segment_by({'channel_code': 'channel'}) }},
        percentile_cont(0.5) within group (order by net_amount) as net_median,
        percentile_cont(0.5) within group (order by unit_count) as unit_median,
        count(unit_count) as lined_count,
        count(*) as order_count
    from orders
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, channel_code)
    )
),

carts as (
    {# what lay in carts, bought or left; of a list of left carts alone no mean can be made #}
    select
        periods.period_grain_code,
        periods.period_start,
        carts.business_unit_code,
        carts.channel_code,
        carts.person_key as person,
        carts.amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('cart_outcomes') }} as carts
        on carts.last_active_date >= periods.period_start
        and carts.last_active_date < periods.period_end
    inner join {{ ref('cart_coverage') }} as coverage
        on coverage.business_unit_code = carts.business_unit_code
        and carts.coverage_code = case when coverage.has_every_cart = 1 then 'all' else 'visit' end
    where carts.amount is not null
        and periods.period_grain_code in ('day', 'week', 'month', 'quarter')
        and {{ is_dirty('periods') }}
),

cart_middles as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        {{ segment_by({'channel_code': 'channel'}) }},
        percentile_cont(0.5) within group (order by amount) as amount_median,
        count(*) as cart_count
    from carts
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, channel_code)
    )
),

cart_persons as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        {{ segment_by({'channel_code': 'channel'}) }},
        sum(amount) as amount,
        count(*) as cart_count
    from carts
    group by grouping sets (
        (person, period_start, period_grain_code, business_unit_code),
        (person, period_start, period_grain_code, business_unit_code, channel_code)
    )
),

persons as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        {{ segment_by({'channel_code': 'channel'}) }},
        sum(net_amount) as net_amount,
        count(*) as order_count,
        coalesce(sum(unit_count), 0) as unit_count,
        count(unit_count) as lined_count,
        coalesce(sum(product_count), 0) as product_count,
        count(product_count) as named_count
    from orders
    group by grouping sets (
        (person, period_start, period_grain_code, business_unit_code),
        (person, period_start, period_grain_code, business_unit_code, channel_code)
    )
)
{% for variant, amount, count, whose in [
    ('net', 'net_amount', 'order_count', 'persons'),
    ('units_per_order', 'unit_count', 'lined_count', 'persons'),
    ('lines_per_order', 'product_count', 'named_count', 'persons'),
    ('cart_value', 'amount', 'cart_count', 'cart_persons'),
] %}
{{ variant_by_person(whose, 'ecommerce.average_order_value', variant, 'mean', amount, count,
    units='sum(case when ' ~ count ~ ' > 0 then 1 else 0 end)') }}
union all
{% endfor %}
{% for variant, value, n, whose in [
    ('net_median', 'net_median', 'order_count', 'middles'),
    ('units_median', 'unit_median', 'lined_count', 'middles'),
    ('cart_value_median', 'amount_median', 'cart_count', 'cart_middles'),
] %}
{{ 'union all' if not loop.first }}
{{ variant_row(whose, 'ecommerce.average_order_value', variant, 'quantile', value=value, n=n) }}
{% endfor %}
