{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_subscription_months': months_of('month_start'),
        'fct_milestones': periods_of('milestone_date', ['month']),
        'paid_spans': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'month' and p.period_end > changed_rows.from_date - 30"
            ~ " and p.period_start <= changed_rows.from_date",
        'dim_business_unit': all_periods(['month']),
    },
) }}

with payers as (
    select
        periods.period_grain_code,
        periods.period_start,
        months.business_unit_code,
        months.is_paying_end,
        months.is_upgraded,
        months.recurring_amount_start,
        case when months.movement_code = 'expansion' then months.movement_amount else 0 end as expansion_amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months on months.month_start = periods.period_start
    {{ join_unit_of_type('months', 'saas') }}
    where periods.period_grain_code = 'month' and months.is_paying_start = 1 and {{ is_dirty('periods') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as payer_count,
        sum(is_paying_end) as staying_count,
        sum(is_upgraded) as upgraded_count,
        sum(recurring_amount_start) as amount,
        sum(expansion_amount) as expansion_amount,
        {{ residual_squares('expansion_amount', 'recurring_amount_start') }} as residual
    from payers
    group by business_unit_code, period_grain_code, period_start
),

prompted as (
    {# the first time in the month that a person saw it #}
    select
        periods.period_grain_code,
        periods.period_start,
        milestones.business_unit_code,
        milestones.person_key,
        min(milestones.milestone_date) as prompted_date
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_milestones') }} as milestones
        on milestones.milestone_date >= periods.period_start
        and milestones.milestone_date < periods.period_end
    {{ join_unit_of_type('milestones', 'saas') }}
    where periods.period_grain_code = 'month'
        and milestones.milestone_code = 'upgrade_prompted'
        and milestones.is_counted = 1
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, milestones.business_unit_code, milestones.person_key
),

answered as (
    select
        prompted.business_unit_code,
        prompted.period_grain_code,
        prompted.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as prompted_count,
        sum(
            case when exists (
                select 1
                from {{ ref('paid_spans') }} as spans
                where spans.business_unit_code = prompted.business_unit_code
                    and spans.subscriber_key = prompted.person_key
                    and spans.is_upgrade = 1
                    and spans.from_date >= prompted.prompted_date
                    and spans.from_date <= {{ add_days('prompted.prompted_date', 30) }}
            ) then 1 else 0 end
        ) as upgraded_count
    from prompted
    group by prompted.business_unit_code, prompted.period_grain_code, prompted.period_start
)

{{ variant_row('measured', 'saas.upselling', 'upgrade_rate', 'ratio', 'upgraded_count', 'staying_count') }}
union all
{{ variant_row('measured', 'saas.upselling', 'expansion_rate', 'mean', 'expansion_amount', 'amount', 'residual', n='payer_count') }}
union all
{{ variant_row('answered', 'saas.upselling', 'prompt_to_upgrade', 'ratio', 'upgraded_count', 'prompted_count') }}
