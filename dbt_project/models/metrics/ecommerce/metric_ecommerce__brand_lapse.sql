{% set keys = ['business_unit_code', 'period_grain_code', 'period_start'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'purchase_days': periods_of('purchase_date', ['month'], before=366),
        'product_purchases': periods_of('order_date', ['month'], before=366),
        'lapse_limits': "select 'month' as period_grain_code, month_start as period_start from {changed}",
        'alive_months': "select 'month' as period_grain_code, month_start as period_start from {changed}",
        'dim_business_unit': all_periods(['month']),
    },
) }}

{% set least_gaps = 30 %}

with months as {{ computed_once() }} (
    select
        periods.period_grain_code,
        periods.period_start,
        periods.period_end,
        limits.business_unit_code,
        limits.limit_days
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('lapse_limits') }} as limits
        on limits.month_start = periods.period_start
        and limits.category_name = 'all'
    {{ join_unit_of_type('limits', 'ecommerce') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

categories as (
    {# a customer is of the category in which they spent most on their last day #}
    select
        business_unit_code,
        customer_key,
        order_date,
        left(coalesce(nullif(category_name, 'all'), 'unknown'), 64) as category_name,
        row_number() over (
            partition by business_unit_code, customer_key, order_date
            order by
                sum(net_amount) desc nulls last,
                left(coalesce(nullif(category_name, 'all'), 'unknown'), 64)
        ) as place
    from {{ ref('product_purchases') }}
    where order_date >= {{ add_days('(select min(period_start) from months)', -366) }}
    group by
        business_unit_code, customer_key, order_date, left(coalesce(nullif(category_name, 'all'), 'unknown'), 64)
),

{# nobody whose last order is older than the longest limit is there to lapse #}
days as (
    select
        business_unit_code,
        customer_key,
        purchase_date,
        max(purchase_date) over (
            partition by business_unit_code, customer_key, date_trunc('month', purchase_date)
        ) as last_of_month
    from {{ ref('purchase_days') }}
    where purchase_date >= {{ add_days('(select min(period_start) from months)', -366) }}
),

purchases as {{ computed_once() }} (
    {# each day with the next one, so that the last before a month is found without looking at those before it #}
    select
        days.business_unit_code,
        days.customer_key,
        days.purchase_date,
        categories.category_name,
        lead(days.purchase_date) over (
            partition by days.business_unit_code, days.customer_key order by days.purchase_date
        ) as next_date,
        lead(days.last_of_month) over (
            partition by days.business_unit_code, days.customer_key order by days.purchase_date
        ) as last_of_next_month
    from days
    left join categories
        on categories.business_unit_code = days.business_unit_code
        and categories.customer_key = days.customer_key
        and categories.order_date = days.purchase_date
        and categories.place = 1
),

last_purchases as (
    select
        months.period_grain_code,
        months.period_start,
        months.period_end,
        months.business_unit_code,
        months.limit_days,
        purchases.category_name,
        purchases.purchase_date as last_before,
        case when purchases.next_date < months.period_end then purchases.last_of_next_month
            else purchases.purchase_date end as last_within
    from months
    inner join purchases
        on purchases.business_unit_code = months.business_unit_code
        and purchases.purchase_date >= {{ add_days('months.period_start', -366) }}
        and purchases.purchase_date < months.period_start
        and (purchases.next_date is null or purchases.next_date >= months.period_start)
),

limited as (
    select
        last_purchases.period_grain_code,
        last_purchases.period_start,
        last_purchases.period_end,
        last_purchases.business_unit_code,
        last_purchases.last_before,
        last_purchases.last_within,
        coalesce(last_purchases.category_name, 'unknown') as category_name,
        {# of a category that is seldom bought again, the unit's own limit #}
        case when own.gap_count >= {{ least_gaps }} then own.limit_days else last_purchases.limit_days end as limit_days
    from last_purchases
    left join {{ ref('lapse_limits') }} as own
        on own.business_unit_code = last_purchases.business_unit_code
        and own.month_start = last_purchases.period_start
        and own.category_name = last_purchases.category_name
),

judged as (
    select
        limited.*,
        case when period_end - last_within > limit_days then 1 else 0 end as has_lapsed
    from limited
    where period_start - last_before <= limit_days
)

select
    business_unit_code,
    'ecommerce.brand_lapse' as metric_code,
    'silence' as variant_code,
    period_grain_code,
    period_start,
    {{ segment_by({'category_name': 'category'}) }},
    'ratio' as value_kind,
    sum(has_lapsed) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from judged
group by {{ segment_sets({'category_name': 'category'}, keys) }}
union all
select
    limits.business_unit_code,
    'ecommerce.brand_lapse' as metric_code,
    'limit_days' as variant_code,
    periods.period_grain_code,
    periods.period_start,
    case when limits.category_name = 'all' then 'all' else 'category' end as segment_type_code,
    limits.category_name as segment_code,
    'quantile' as value_kind,
    cast(null as numeric) as numerator,
    cast(null as numeric) as denominator,
    cast(null as numeric) as residual_squares,
    cast(limits.limit_days as numeric) as value,
    limits.gap_count as n,
    limits.gap_count as n_units
from {{ ref('dim_period') }} as periods
inner join {{ ref('lapse_limits') }} as limits on limits.month_start = periods.period_start
{{ join_unit_of_type('limits', 'ecommerce') }}
where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
union all
select
    alive.business_unit_code,
    'ecommerce.brand_lapse' as metric_code,
    'alive' as variant_code,
    periods.period_grain_code,
    periods.period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    alive.lapsed_count as numerator,
    alive.alive_count as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    alive.alive_count as n,
    alive.alive_count as n_units
from {{ ref('dim_period') }} as periods
inner join {{ ref('alive_months') }} as alive on alive.month_start = periods.period_start
{{ join_unit_of_type('alive', 'ecommerce') }}
where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
