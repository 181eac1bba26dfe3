{% set grains = ['month', 'quarter'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'survival_curves': 'select cohort_grain_code as period_grain_code, cohort_start as period_start from {changed}',
        'dim_business_unit': all_periods(grains),
    },
) }}

{% set in_cohort = 'over (partition by periods.period_grain_code, periods.period_start, curves.business_unit_code' %}

with days as (
    select
        periods.period_grain_code,
        periods.period_start,
        curves.business_unit_code,
        curves.day_number,
        curves.event_count,
        curves.censored_count,
        curves.survival_share,
        sum(curves.event_count) {{ in_cohort }}) as all_event_count,
        sum(curves.event_count) {{ in_cohort }} order by curves.day_number rows unbounded preceding) as events_so_far
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('survival_curves') }} as curves
        on curves.cohort_grain_code = periods.period_grain_code
        and curves.cohort_start = periods.period_start
        and curves.curve_code = 'first_purchase'
    {{ join_unit_of_type('curves', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(event_count + censored_count) as person_count,
        sum(event_count) as payer_count,
        sum(censored_count) as censored_count,
        {# the day on which so many have bought; none where so many have not #}
        {%- for name, left in [('p25', '0.75'), ('p50', '0.5'), ('p75', '0.25')] %}
        min(case when event_count > 0 and survival_share <= {{ left }} + 0.000000001 then day_number end) as {{ name }},
        {%- endfor %}
        {# the median among those who bought, of an even number the mean of the two in the middle #}
        0.5 * (
            min(case when event_count > 0 and 2 * events_so_far >= all_event_count then day_number end)
            + min(case when event_count > 0 and 2 * events_so_far > all_event_count then day_number end)
        ) as naive_p50,
        {# of nobody followed for so long, nothing is known of it #}
        {%- for day in [30, 90] %}
        case when max(day_number) >= {{ day }}
            then 1 - coalesce(min(case when day_number <= {{ day }} then survival_share end), 1)
        end as paid_by_{{ day }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days
    group by business_unit_code, period_grain_code, period_start
)

{% for variant, kind in [
    ('paid_by_30', 'fitted'), ('paid_by_90', 'fitted'), ('p50', 'quantile'), ('p25', 'quantile'), ('p75', 'quantile'),
] %}
{{ variant_row('measured', 'app.time_to_first_purchase', variant, kind, value=variant, n='person_count') }}
union all
{% endfor %}
{{ variant_row('measured', 'app.time_to_first_purchase', 'naive_p50', 'quantile', value='naive_p50', n='payer_count') }}
union all
{{ variant_row('measured', 'app.time_to_first_purchase', 'censored_share', 'ratio', 'censored_count', 'person_count') }}
