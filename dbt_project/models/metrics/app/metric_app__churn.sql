{% set grains = ['week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_days': periods_of('active_date', grains, before=56),
        'first_days': "select p.period_grain_code, p.period_start from {changed}"
            ~ " inner join core.active_days as days on days.business_unit_code = changed_rows.business_unit_code"
            ~ " and days.person_key = changed_rows.person_key"
            ~ " inner join core.dim_period as p on p.period_grain_code in ('week', 'month')"
            ~ " and days.active_date < p.period_end and days.active_date >= p.period_end - 56"
            ~ " union " ~ periods_of('first_seen_date', grains),
        'retention_cells': 'select cohort_grain_code as period_grain_code, cohort_start as period_start from {changed}',
        'dim_business_unit': all_periods(grains),
    },
) }}

with cohorts as (
    {{ retention_of_cohorts('app') }}
),

losses as (
    {# lost by day N: not there on that day or any later one; who is away on the day itself may come back #}
    select cohorts.*, cohort_size - retained_count as lost_count
    from cohorts
    where kind_code = 'unbounded'
),

persons as (
    {# the last 28 days of the period, and the 28 before them #}
    select
        periods.period_grain_code,
        periods.period_start,
        periods.period_end,
        days.business_unit_code,
        days.person_key,
        max(case when days.active_date < {{ add_days('periods.period_end', -28) }} then 1 else 0 end) as was_active,
        max(case when days.active_date >= {{ add_days('periods.period_end', -28) }} then 1 else 0 end) as is_active
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_days') }} as days
        on days.active_date >= {{ add_days('periods.period_end', -56) }}
        and days.active_date < periods.period_end
    {{ join_unit_of_type('days', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and days.is_active = 1
        and {{ can_hold(add_days('periods.period_end', -56), 'periods.period_end', 'active_days', 'active_date') }}
        and {{ is_dirty('periods') }}
    group by
        periods.period_grain_code, periods.period_start, periods.period_end, days.business_unit_code, days.person_key
),

measured as (
    select
        persons.business_unit_code,
        persons.period_grain_code,
        persons.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(persons.was_active) as former_count,
        sum(persons.was_active * (1 - persons.is_active)) as left_count,
        {# there again after 28 days of silence at least, and not for the first time #}
        sum(
            case when persons.was_active = 0 and firsts.first_active_date < {{ add_days('persons.period_end', -56) }}
                then 1 else 0 end
        ) as returned_count
    from persons
    inner join {{ ref('first_days') }} as firsts
        on firsts.business_unit_code = persons.business_unit_code
        and firsts.person_key = persons.person_key
    group by persons.business_unit_code, persons.period_grain_code, persons.period_start
),

removals as (
    select
        periods.period_grain_code,
        periods.period_start,
        firsts.business_unit_code,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as person_count,
        sum(
            case when firsts.uninstalled_date <= {{ add_days('firsts.first_seen_date', 30) }} then 1 else 0 end
        ) as removed_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as firsts
        on firsts.first_seen_date >= periods.period_start
        and firsts.first_seen_date < periods.period_end
    {{ join_unit_of_type('firsts', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, firsts.business_unit_code
)

{{ variant_row('measured', 'app.churn', '28d', 'ratio', 'left_count', 'former_count') }}
union all
{{ variant_row('measured', 'app.churn', 'reactivated', 'count', value='returned_count', n='returned_count') }}
union all
{{ variant_row('removals', 'app.churn', 'uninstall_30d', 'ratio', 'removed_count', 'person_count') }}
{% for day in ['1', '7', '30'] %}
union all
{{ variant_row('losses', 'app.churn', 'd' ~ day ~ '_loss', 'ratio', 'lost_count', 'cohort_size', where='day_number = ' ~ day) }}
{% endfor %}
