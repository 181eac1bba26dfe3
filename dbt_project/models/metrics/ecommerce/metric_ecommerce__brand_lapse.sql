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

with days as (
    select
        periods.period_grain_code,
        periods.period_start,
        periods.period_end,
        days.business_unit_code,
        days.customer_key,
        limits.limit_days,
        max(case when days.purchase_date < periods.period_start then days.purchase_date end) as last_before,
        max(days.purchase_date) as last_within
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('lapse_limits') }} as limits
        on limits.month_start = periods.period_start
        and limits.category_name = 'all'
    {# nobody whose last order is older than the longest limit is there to lapse #}
    inner join {{ ref('purchase_days') }} as days
        on days.purchase_date >= {{ add_days('periods.period_start', -366) }}
        and days.purchase_date < periods.period_end
        and days.business_unit_code = limits.business_unit_code
    {{ join_unit_of_type('days', 'ecommerce') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by
        periods.period_grain_code, periods.period_start, periods.period_end, days.business_unit_code, days.customer_key,
        limits.limit_days
),

categories as (
    {# a customer is of the category in which they spent most on their last day #}
    select
        days.period_grain_code,
        days.period_start,
        days.period_end,
        days.business_unit_code,
        days.customer_key,
        days.last_before,
        days.last_within,
        days.limit_days,
        case
            when purchases.customer_key is not null
                then left(coalesce(nullif(purchases.category_name, 'all'), 'unknown'), 64)
        end as category_name,
        row_number() over (
            partition by days.period_start, days.business_unit_code, days.customer_key
            order by
                sum(purchases.net_amount) desc nulls last,
                left(coalesce(nullif(purchases.category_name, 'all'), 'unknown'), 64)
        ) as place
    from days
    left join {{ ref('product_purchases') }} as purchases
        on purchases.customer_key = days.customer_key
        and purchases.business_unit_code = days.business_unit_code
        and purchases.order_date = days.last_before
    where days.last_before is not null
    group by
        days.period_grain_code, days.period_start, days.period_end, days.business_unit_code, days.customer_key,
        days.last_before, days.last_within, days.limit_days, purchases.customer_key,
        left(coalesce(nullif(purchases.category_name, 'all'), 'unknown'), 64)
),

limited as (
    select
        categories.period_grain_code,
        categories.period_start,
        categories.period_end,
        categories.business_unit_code,
        categories.last_before,
        categories.last_within,
        coalesce(categories.category_name, 'unknown') as category_name,
        {# of a category that is seldom bought again, the unit's own limit #}
        case when own.gap_count >= {{ least_gaps }} then own.limit_days else categories.limit_days end as limit_days
    from categories
    left join {{ ref('lapse_limits') }} as own
        on own.business_unit_code = categories.business_unit_code
        and own.month_start = categories.period_start
        and own.category_name = categories.category_name
    where categories.place = 1
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
