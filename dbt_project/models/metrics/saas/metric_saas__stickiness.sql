{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_counts': periods_of('counted_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with days as (
    select
        periods.period_grain_code,
        periods.period_start,
        counts.business_unit_code,
        counts.person_count_1d,
        counts.person_count_7d,
        counts.person_count_28d,
        row_number() over (
            partition by periods.period_grain_code, periods.period_start, counts.business_unit_code
            order by counts.counted_date desc
        ) as recency
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_counts') }} as counts
        on counts.counted_date >= periods.period_start
        and counts.counted_date < periods.period_end
    {{ join_unit_of_type('counts', 'saas') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(person_count_1d) as person_days_1d,
        sum(person_count_7d) as person_days_7d,
        sum(person_count_28d) as person_days_28d,
        {# distinct persons are never summed: a week and a month have those of the days up to their last known one #}
        max(case when recency = 1 then person_count_7d end) as last_count_7d,
        max(case when recency = 1 then person_count_28d end) as last_count_28d,
        max(person_count_28d) as most_persons
    from days
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row('measured', 'saas.stickiness', 'dau', 'count', value='person_days_1d', n='person_days_1d', where="period_grain_code = 'day'") }}
union all
{{ variant_row('measured', 'saas.stickiness', 'wau', 'count', value='last_count_7d', n='last_count_7d', where="period_grain_code in ('day', 'week')") }}
union all
{{ variant_row('measured', 'saas.stickiness', 'mau', 'count', value='last_count_28d', n='last_count_28d', where="period_grain_code in ('day', 'month')") }}
{% for variant, numerator, denominator in [
    ('dau_mau', 'person_days_1d', 'person_days_28d'),
    ('wau_mau', 'person_days_7d', 'person_days_28d'),
    ('dau_wau', 'person_days_1d', 'person_days_7d'),
] %}
union all
{{ variant_row('measured', 'saas.stickiness', variant, 'ratio', numerator, denominator, units='most_persons', where="period_grain_code = 'month'") }}
{% endfor %}
