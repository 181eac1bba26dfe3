{# who is new within a month is in no denominator, and so in no numerator; who comes back is neither churn nor gain here #}
{% set keys = ['business_unit_code', 'period_grain_code', 'period_start'] %}
{% set segments = {'plan_code': 'plan'} %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_subscription_months': months_of('month_start'),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with subscribers as (
    select
        periods.period_grain_code,
        periods.period_start,
        months.business_unit_code,
        {# who leaves has no plan any more: it is the one that they began the month with #}
        coalesce(left(months.plan_id_start, 64), 'unknown') as plan_code,
        case when months.movement_code = 'churn' then 1 else 0 end as has_left,
        case when months.churn_kind_code = 'voluntary' then 1 else 0 end as has_left_by_choice,
        case when months.churn_kind_code = 'involuntary' then 1 else 0 end as has_failed_to_pay,
        months.recurring_amount_start,
        case when months.movement_code in ('churn', 'contraction') then months.movement_amount else 0 end as lost_amount,
        months.recurring_amount_start - months.recurring_amount_end as lost_net_amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months on months.month_start = periods.period_start
    {{ join_unit_of_type('months', 'saas') }}
    where periods.period_grain_code = 'month' and months.is_paying_start = 1 and {{ is_dirty('periods') }}
),

measured as (
    select
        {{ keys | join(', ') }},
        {{ segment_by(segments) }},
        count(*) as customer_count,
        sum(has_left) as left_count,
        sum(has_left_by_choice) as left_by_choice_count,
        sum(has_failed_to_pay) as failed_to_pay_count,
        sum(recurring_amount_start) as amount,
        sum(lost_amount) as lost_amount,
        sum(lost_net_amount) as lost_net_amount,
        {{ residual_squares('lost_amount', 'recurring_amount_start') }} as residual_gross,
        {{ residual_squares('lost_net_amount', 'recurring_amount_start') }} as residual_net
    from subscribers
    group by {{ segment_sets(segments, keys) }}
)

{{ variant_row('measured', 'saas.churn', 'logo', 'ratio', 'left_count', 'customer_count') }}
union all
{{ variant_row('measured', 'saas.churn', 'logo_voluntary', 'ratio', 'left_by_choice_count', 'customer_count') }}
union all
{{ variant_row('measured', 'saas.churn', 'logo_involuntary', 'ratio', 'failed_to_pay_count', 'customer_count') }}
union all
{{ variant_row('measured', 'saas.churn', 'revenue_gross', 'ratio', 'lost_amount', 'amount', 'residual_gross', n='customer_count') }}
union all
{# below zero where those who stay grow by more than is lost #}
{{ variant_row('measured', 'saas.churn', 'revenue_net', 'mean', 'lost_net_amount', 'amount', 'residual_net', n='customer_count') }}
