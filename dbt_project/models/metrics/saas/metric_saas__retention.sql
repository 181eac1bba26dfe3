{% set grains = ['week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'retention_cells': 'select cohort_grain_code as period_grain_code, cohort_start as period_start from {changed}',
        'fct_subscription_months': months_of('month_start', later=12),
        'dim_business_unit': all_periods(grains),
    },
) }}

with cohorts as (
    {{ retention_of_cohorts('saas') }}
),

subscribers as (
    {# who paid when the month began #}
    select
        periods.period_grain_code,
        periods.period_start,
        months.business_unit_code,
        months.is_paying_end as is_kept,
        months.recurring_amount_start as amount_before,
        months.recurring_amount_end as amount_after,
        least(months.recurring_amount_start, months.recurring_amount_end) as amount_kept
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months on months.month_start = periods.period_start
    {{ join_unit_of_type('months', 'saas') }}
    where periods.period_grain_code = 'month' and months.is_paying_start = 1 and {{ is_dirty('periods') }}
),

subscribers_12m as (
    {# who paid a year ago; whoever left since and came back counts with what they pay in the end #}
    select
        periods.period_grain_code,
        periods.period_start,
        before.business_unit_code,
        before.recurring_amount_end as amount_before,
        coalesce(after.recurring_amount_end, 0) as amount_after,
        least(before.recurring_amount_end, coalesce(after.recurring_amount_end, 0)) as amount_kept
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as before
        on before.month_start = cast(periods.period_start - interval '12 months' as date)
    left join {{ ref('fct_subscription_months') }} as after
        on after.business_unit_code = before.business_unit_code
        and after.subscriber_key = before.subscriber_key
        and after.month_start = periods.period_start
    {{ join_unit_of_type('before', 'saas') }}
    where periods.period_grain_code = 'month' and before.is_paying_end = 1 and {{ is_dirty('periods') }}
),

{% for name, source in [('kept', 'subscribers'), ('kept_12m', 'subscribers_12m')] %}
{{ name }} as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        {% if name == 'kept' %}sum(is_kept) as kept_count,{% endif %}
        count(*) as customer_count,
        sum(amount_before) as amount_before,
        sum(amount_after) as amount_after,
        sum(amount_kept) as amount_kept,
        {{ residual_squares('amount_after', 'amount_before') }} as residual_after,
        {{ residual_squares('amount_kept', 'amount_before') }} as residual_kept
    from {{ source }}
    group by business_unit_code, period_grain_code, period_start
){{ ',' if not loop.last }}
{% endfor %}

{{ variant_row('kept', 'saas.retention', 'customer_retention', 'ratio', 'kept_count', 'customer_count') }}
{% for rows, suffix in [('kept', ''), ('kept_12m', '_12m')] %}
union all
{{ variant_row(rows, 'saas.retention', 'grr' ~ suffix, 'ratio', 'amount_kept', 'amount_before', 'residual_kept', n='customer_count') }}
union all
{# may be more than one #}
{{ variant_row(rows, 'saas.retention', 'nrr' ~ suffix, 'mean', 'amount_after', 'amount_before', 'residual_after', n='customer_count') }}
{% endfor %}
{% for variant, kind, day in [
    ('n_day_d1', 'n_day', 1), ('n_day_d7', 'n_day', 7), ('n_day_d30', 'n_day', 30),
    ('bracket_d1_7', 'bracket', 1), ('bracket_d22_28', 'bracket', 22),
    ('unbounded_d1', 'unbounded', 1), ('unbounded_d7', 'unbounded', 7), ('unbounded_d30', 'unbounded', 30),
] %}
union all
{{ variant_row('cohorts', 'saas.retention', variant, 'ratio', 'retained_count', 'cohort_size', where="kind_code = '" ~ kind ~ "' and day_number = " ~ day) }}
{% endfor %}
