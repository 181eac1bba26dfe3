{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_subscription_months': months_of('month_start'),
        'active_months': months_of('month_start'),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with payers as (
    select
        periods.period_grain_code,
        periods.period_start,
        months.business_unit_code,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(months.is_paying_end) as customer_count,
        sum(months.recurring_amount_end) as amount,
        sum(months.recognised_amount) as recognised_amount,
        {{ residual_squares('months.recurring_amount_end', 'months.is_paying_end') }} as residual
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months on months.month_start = periods.period_start
    {{ join_unit_of_type('months', 'saas') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, months.business_unit_code
),

users as (
    select
        periods.period_start,
        active_months.business_unit_code,
        count(*) as user_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_months') }} as active_months on active_months.month_start = periods.period_start
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_start, active_months.business_unit_code
),

measured as (
    select payers.*, coalesce(users.user_count, 0) as user_count
    from payers
    left join users
        on users.business_unit_code = payers.business_unit_code
        and users.period_start = payers.period_start
)

{{ variant_row('measured', 'saas.revenue_per_customer', 'arpa', 'mean', 'amount', 'customer_count', 'residual') }}
union all
{{ variant_row('measured', 'saas.revenue_per_customer', 'arpu', 'mean', 'recognised_amount', 'user_count') }}
