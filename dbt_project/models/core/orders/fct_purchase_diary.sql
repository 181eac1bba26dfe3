{{ config(
    unique_key=['customer_key', 'business_unit_code', 'period_grain_code', 'period_start'],
    dirty_key=['customer_key', 'business_unit_code'],
    dirty_from={'activity': ['customer_key', 'business_unit_code']},
    indexes=[{'columns': ['period_grain_code', 'period_start']}],
    change_carries=['period_grain_code', 'period_start'],
) }}

select
    activity.customer_key,
    activity.business_unit_code,
    periods.period_grain_code,
    periods.period_start,
    sum(activity.order_count) as order_count,
    sum(activity.gross_amount - activity.discount_amount - activity.refund_amount_by_order_date) as net_amount,
    count(*) as active_day_count,
    min(activity.activity_date) as first_order_date,
    max(activity.activity_date) as last_order_date
from {{ ref('activity') }} as activity
inner join {{ ref('dim_period') }} as periods
    on activity.activity_date >= periods.period_start
    and activity.activity_date < periods.period_end
    and periods.period_grain_code in ('quarter', 'half', 'year')
where activity.order_count > 0 and activity.customer_key <> 'unknown' and {{ is_dirty('activity') }}
group by activity.customer_key, activity.business_unit_code, periods.period_grain_code, periods.period_start
