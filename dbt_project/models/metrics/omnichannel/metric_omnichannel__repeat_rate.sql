{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'activity': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'quarter' and changed_rows.activity_date >= p.period_end - 365"
            ~ " and changed_rows.activity_date < p.period_end",
    },
) }}

with buyers as (
    select
        periods.period_grain_code,
        periods.period_start,
        activity.business_unit_code,
        activity.customer_key,
        sum(activity.order_count) as order_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('activity') }} as activity
        on activity.activity_date >= {{ add_days('periods.period_end', -365) }}
        and activity.activity_date < periods.period_end
    where periods.period_grain_code = 'quarter'
        and activity.order_count > 0
        and activity.customer_key <> 'unknown'
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, activity.business_unit_code, activity.customer_key
)

select
    business_unit_code,
    'omnichannel.repeat_rate' as metric_code,
    'within_365d' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(case when order_count >= 2 then 1 else 0 end) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from buyers
group by business_unit_code, period_grain_code, period_start
