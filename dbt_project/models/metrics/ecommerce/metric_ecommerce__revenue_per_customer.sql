{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'activity': periods_of('activity_date', ['month', 'quarter', 'year'])
            ~ " union all"
            ~ " select 'month' as period_grain_code, cast(date_trunc('month', b.first_order_date) as date)"
            ~ " as period_start from {changed} inner join core.purchases as b"
            ~ " on b.customer_key = changed_rows.customer_key"
            ~ " and b.business_unit_code = changed_rows.business_unit_code",
        'purchases': "select 'month' as period_grain_code, cast(date_trunc('month', first_order_date) as date)"
            ~ " as period_start from {changed}",
    },
) }}

with customers as (
    {# revenue of nobody known is left out on both sides: it has no customer to be divided by #}
    select
        periods.period_grain_code,
        periods.period_start,
        activity.business_unit_code,
        activity.customer_key,
        {# a period's revenue takes refunds on the day of the refund #}
        sum(activity.gross_amount - activity.discount_amount - activity.refund_amount) as net_amount,
        sum(activity.order_count) as order_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('activity') }} as activity
        on activity.activity_date >= periods.period_start
        and activity.activity_date < periods.period_end
    where activity.customer_key <> 'unknown'
        and periods.period_grain_code in ('month', 'quarter', 'year')
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, activity.business_unit_code, activity.customer_key
),

cohorts as (
    select
        periods.period_grain_code,
        periods.period_start,
        purchases.business_unit_code,
        purchases.customer_key,
        (
            select sum(activity.gross_amount - activity.discount_amount - activity.refund_amount_by_order_date)
            from {{ ref('activity') }} as activity
            where activity.customer_key = purchases.customer_key
                and activity.business_unit_code = purchases.business_unit_code
                and activity.order_count > 0
                and activity.activity_date < {{ add_days('purchases.first_order_date', 365) }}
        ) as net_amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('purchases') }} as purchases
        on purchases.first_order_date >= periods.period_start
        and purchases.first_order_date < periods.period_end
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

variants as (
    {# revenue of the whole period over its buyers: who only sent goods back still takes from it #}
    select
        'buyers' as variant_code, business_unit_code, period_grain_code, period_start, net_amount,
        case when order_count > 0 then 1 else 0 end as is_counted
    from customers
    union all
    select
        'active' as variant_code, business_unit_code, period_grain_code, period_start, net_amount,
        1 as is_counted
    from customers
    union all
    select
        'cohort_12m' as variant_code, business_unit_code, period_grain_code, period_start, net_amount,
        1 as is_counted
    from cohorts
)

select
    business_unit_code,
    'ecommerce.revenue_per_customer' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'mean' as value_kind,
    sum(net_amount) as numerator,
    sum(is_counted) as denominator,
    {{ residual_squares('net_amount', 'is_counted') }} as residual_squares,
    cast(null as numeric) as value,
    sum(is_counted) as n,
    count(*) as n_units
from variants
group by business_unit_code, variant_code, period_grain_code, period_start
