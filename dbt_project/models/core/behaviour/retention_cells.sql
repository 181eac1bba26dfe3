{#
    Three readings of coming back, which public tools mix up: on the very day N, within the seven days from N on, and
    on day N or later up to the horizon. A day's change touches the cohorts of its persons, as long as they are young.
#}
{{ config(
    unique_key=['business_unit_code', 'cohort_grain_code', 'cohort_start', 'kind_code', 'day_number'],
    dirty_key=['business_unit_code', 'cohort_grain_code', 'cohort_start'],
    dirty_from={
        'first_days': "select changed_rows.business_unit_code, p.period_grain_code as cohort_grain_code,"
            ~ " p.period_start as cohort_start from {changed} inner join core.dim_period as p"
            ~ " on changed_rows.first_active_date >= p.period_start and changed_rows.first_active_date < p.period_end"
            ~ " and p.period_grain_code in ('week', 'month')",
        'active_days': "select distinct b.business_unit_code, p.period_grain_code as cohort_grain_code,"
            ~ " p.period_start as cohort_start from {changed} inner join core.first_days as b"
            ~ " on b.business_unit_code = changed_rows.business_unit_code and b.person_key = changed_rows.person_key"
            ~ " and changed_rows.active_date between b.first_active_date and b.first_active_date + "
            ~ var('retention_horizon_days')
            ~ " inner join core.dim_period as p"
            ~ " on b.first_active_date >= p.period_start and b.first_active_date < p.period_end"
            ~ " and p.period_grain_code in ('week', 'month')",
    },
) }}

{% set horizon = var('retention_horizon_days') %}
{% set bracket = 7 %}
{% set days = range(1, var('retention_days') + 1) | list %}
{% set kinds = {
    'n_day': days,
    'bracket': range(1, horizon + 2 - bracket, bracket) | list,
    'unbounded': days,
} %}
{% set observed_days = {'n_day': 0, 'bracket': bracket - 1} %}

with firsts as {{ computed_by_each() }} (
    select business_unit_code, person_key, first_active_date
    from {{ ref('first_days') }} as firsts
    where first_active_date is not null
    {%- if reads_dirty_keys() %}
        {# of a dirty cohort all days; of what that makes of another, nothing is kept #}
        and /*dirty*/ firsts.business_unit_code = any(array(
            select distinct dirty.business_unit_code from pg_temp.{{ this.identifier }}__dirty as dirty
        ))
        and firsts.first_active_date = any(array(
            select distinct dirty.cohort_start + numbers.number
            from pg_temp.{{ this.identifier }}__dirty as dirty
            inner join {{ number_series(0, 30) }} on numbers.number < 7 or dirty.cohort_grain_code = 'month'
        )) /*:dirty*/
    {%- endif %}
),

sizes as (
    select business_unit_code, first_active_date, count(*) as cohort_size
    from firsts
    group by business_unit_code, first_active_date
),

persons as (
    {# the days and the brackets in which a person came back, a bit each: of a number there are 31 #}
    select
        firsts.business_unit_code,
        firsts.first_active_date,
        firsts.person_key,
        bit_or(case
            when active_days.active_date - firsts.first_active_date <= {{ days | length }}
                then 1 << (active_days.active_date - firsts.first_active_date - 1)
            else 0
        end) as day_bits,
        bit_or(
            1 << cast(floor((active_days.active_date - firsts.first_active_date - 1) / {{ bracket }}) as integer)
        ) as bracket_bits,
        max(active_days.active_date - firsts.first_active_date) as last_day_number
    from firsts
    inner join {{ ref('active_days') }} as active_days
        on active_days.business_unit_code = firsts.business_unit_code
        and active_days.person_key = firsts.person_key
        and active_days.active_date > firsts.first_active_date
        and active_days.active_date <= {{ add_days('firsts.first_active_date', horizon) }}
    where active_days.is_active = 1
    group by firsts.business_unit_code, firsts.first_active_date, firsts.person_key
),

returned as (
    select
        business_unit_code,
        first_active_date
        {%- for kind, numbers in kinds.items() %}{% for number in numbers %},
        {%- if kind == 'unbounded' %}
        sum(case when last_day_number >= {{ number }} then 1 else 0 end) as unbounded_{{ number }}
        {%- else %}
        sum(({{ {'n_day': 'day_bits', 'bracket': 'bracket_bits'}[kind] }} >> {{ loop.index0 }}) & 1) as {{ kind }}_{{ number }}
        {%- endif %}
        {%- endfor %}{% endfor %}
    from persons
    group by business_unit_code, first_active_date
),

days as (
    {# a person has one first day, so those of a week and of a month add up #}
    {%- for grain in ['week', 'month'] %}
    {{ 'union all' if not loop.first }}
    select
        sizes.business_unit_code,
        '{{ grain }}' as cohort_grain_code,
        cast(date_trunc('{{ grain }}', sizes.first_active_date) as date) as cohort_start,
        sizes.cohort_size
        {%- for kind, numbers in kinds.items() %}{% for number in numbers %},
        returned.{{ kind }}_{{ number }}
        {%- endfor %}{% endfor %}
    from sizes
    left join returned
        on returned.business_unit_code = sizes.business_unit_code
        and returned.first_active_date = sizes.first_active_date
    {%- endfor %}
),

cohorts as {{ computed_once() }} (
    select
        days.business_unit_code,
        days.cohort_grain_code,
        days.cohort_start,
        sum(days.cohort_size) as cohort_size
        {%- for kind, numbers in kinds.items() %}{% for number in numbers %},
        coalesce(sum(days.{{ kind }}_{{ number }}), 0) as {{ kind }}_{{ number }}
        {%- endfor %}{% endfor %}
    from days
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = days.cohort_grain_code
        and periods.period_start = days.cohort_start
    where {{ is_dirty('days') }}
    group by days.business_unit_code, days.cohort_grain_code, days.cohort_start
)
{% for kind, numbers in kinds.items() %}{% set is_first = loop.first %}{% for number in numbers %}
{{ 'union all' if not (is_first and loop.first) }}
select
    business_unit_code,
    cohort_grain_code,
    cohort_start,
    '{{ kind }}' as kind_code,
    {{ number }} as day_number,
    {{ horizon if kind == 'unbounded' else number + observed_days[kind] }} as observed_days,
    cohort_size,
    {{ kind }}_{{ number }} as retained_count
from cohorts
{%- endfor %}{% endfor %}
