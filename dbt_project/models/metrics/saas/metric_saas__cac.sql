{# spend of the month over who paid for the first time in it; paid = the last visit before it that came from somewhere was paid for #}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_spend_days': periods_of('spend_date', ['month']),
        'fct_subscription_months': months_of('month_start'),
        'fct_sessions': "select distinct 'month' as period_grain_code, months.month_start as period_start from {changed}"
            ~ " inner join core.fct_subscription_months as months on months.customer_key = changed_rows.customer_key"
            ~ " and months.first_paid_date >= months.month_start"
            ~ " and changed_rows.session_date between months.first_paid_date - 30 and months.first_paid_date"
            ~ " where changed_rows.customer_key <> 'unknown'",
        'dim_business_unit': all_periods(['month']),
    },
) }}

with customers as (
    select
        periods.period_grain_code,
        periods.period_start,
        months.business_unit_code,
        months.subscriber_key,
        months.recurring_amount_end,
        (
            select sessions.entry_code
            from {{ ref('fct_sessions') }} as sessions
            where sessions.customer_key = months.customer_key
                and sessions.customer_key <> 'unknown'
                and sessions.business_unit_code = months.business_unit_code
                and sessions.session_date >= {{ add_days('months.first_paid_date', -30) }}
                and sessions.session_date <= months.first_paid_date
                and sessions.is_counted = 1
                and sessions.entry_code <> 'direct'
            order by sessions.started_at desc, sessions.session_key
            limit 1
        ) as entry_code
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months
        on months.month_start = periods.period_start
        and months.first_paid_date >= months.month_start
    {{ join_unit_of_type('months', 'saas') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

costs as (
    select
        periods.period_grain_code,
        periods.period_start,
        spend.business_unit_code,
        sum(case when spend.cost_kind_code = 'media' then spend.amount else 0 end) as media_amount,
        sum(spend.amount) as amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_spend_days') }} as spend
        on spend.spend_date >= periods.period_start
        and spend.spend_date < periods.period_end
    {{ join_unit_of_type('spend', 'saas') }}
    where periods.period_grain_code = 'month' and spend.purpose_code = 'acquisition' and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, spend.business_unit_code
),

gained as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        count(*) as customer_count,
        sum(case when entry_code = 'paid' then 1 else 0 end) as paid_customer_count,
        sum(recurring_amount_end) * {{ var('subscription_gross_margin_share') }} as monthly_margin
    from customers
    group by business_unit_code, period_grain_code, period_start
),

measured as (
    {# a month without spend cost nothing that is known: it has no figure, and no new customer is no ratio #}
    select
        costs.business_unit_code,
        costs.period_grain_code,
        costs.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        costs.media_amount,
        costs.amount,
        coalesce(gained.customer_count, 0) as customer_count,
        coalesce(gained.paid_customer_count, 0) as paid_customer_count,
        coalesce(gained.monthly_margin, 0) as monthly_margin
    from costs
    left join gained
        on gained.business_unit_code = costs.business_unit_code
        and gained.period_grain_code = costs.period_grain_code
        and gained.period_start = costs.period_start
)

{{ variant_row('measured', 'saas.cac', 'paid', 'mean', 'media_amount', 'paid_customer_count') }}
union all
{{ variant_row('measured', 'saas.cac', 'blended', 'mean', 'amount', 'customer_count') }}
union all
{{ variant_row('measured', 'saas.cac', 'payback_months', 'mean', 'amount', 'monthly_margin', n='customer_count') }}
