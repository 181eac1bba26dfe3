{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_purchase_diary': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = changed_rows.period_grain_code"
            ~ " and changed_rows.period_start in (p.period_start, p.previous_start)",
        'activity': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'month' and changed_rows.activity_date >= p.period_start - 365"
            ~ " and changed_rows.activity_date < p.period_start + 90",
    },
) }}

with pairs as (
    select
        periods.period_grain_code,
        periods.period_start,
        before.business_unit_code,
        before.customer_key,
        case when after.customer_key is not null then 1 else 0 end as has_repeated
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_purchase_diary') }} as before
        on before.period_grain_code = periods.period_grain_code
        and before.period_start = periods.previous_start
    left join {{ ref('fct_purchase_diary') }} as after
        on after.period_grain_code = periods.period_grain_code
        and after.period_start = periods.period_start
        and after.business_unit_code = before.business_unit_code
        and after.customer_key = before.customer_key
    where {{ is_dirty('periods') }}
),

buyers as (
    {# who bought in the 365 days before a month began, and whether they buy in the 90 days from then #}
    select
        periods.period_grain_code,
        periods.period_start,
        activity.business_unit_code,
        activity.customer_key,
        max(case when activity.activity_date >= periods.period_start then 1 else 0 end) as has_repeated
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('activity') }} as activity
        on activity.activity_date >= {{ add_days('periods.period_start', -365) }}
        and activity.activity_date < {{ add_days('periods.period_start', 90) }}
    where periods.period_grain_code = 'month'
        and activity.order_count > 0
        and activity.customer_key <> 'unknown'
        {# who bought is also in the windows of the twelve months that have not begun #}
        and exists (
            select 1
            from {{ ref('activity') }} as begun
            where begun.activity_date >= periods.period_start
                and begun.activity_date < {{ add_days('periods.period_start', 90) }}
        )
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, activity.business_unit_code, activity.customer_key
    having min(activity.activity_date) < periods.period_start
),

variants as (
    select pairs.*, period_grain_code as variant_code from pairs
    union all
    select buyers.*, 'next_90d' as variant_code from buyers
)

select
    business_unit_code,
    'ecommerce.periodical_purchase' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(has_repeated) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from variants
group by business_unit_code, variant_code, period_grain_code, period_start
