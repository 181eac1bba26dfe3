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

with cohorts as (
    select
        firsts.business_unit_code,
        firsts.person_key,
        firsts.first_active_date,
        periods.period_grain_code as cohort_grain_code,
        periods.period_start as cohort_start
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as firsts
        on firsts.first_active_date >= periods.period_start
        and firsts.first_active_date < periods.period_end
    where periods.period_grain_code in ('week', 'month')
),

members as (
    select * from cohorts where {{ is_dirty('cohorts') }}
),

returns as (
    select
        members.*,
        active_days.active_date - members.first_active_date as day_number
    from members
    inner join {{ ref('active_days') }} as active_days
        on active_days.business_unit_code = members.business_unit_code
        and active_days.person_key = members.person_key
        and active_days.active_date > members.first_active_date
        and active_days.active_date <= {{ add_days('members.first_active_date', horizon) }}
    where active_days.is_active = 1
),

lasts as (
    select business_unit_code, cohort_grain_code, cohort_start, person_key, max(day_number) as last_day_number
    from returns
    group by business_unit_code, cohort_grain_code, cohort_start, person_key
),

days as (
    select number as day_number from {{ number_series(1, var('retention_days')) }}
),

retained as (
    select 'n_day' as kind_code, business_unit_code, cohort_grain_code, cohort_start, day_number, count(*) as retained_count
    from returns
    where day_number <= {{ var('retention_days') }}
    group by business_unit_code, cohort_grain_code, cohort_start, day_number
    union all
    select
        'bracket' as kind_code, business_unit_code, cohort_grain_code, cohort_start,
        day_number - mod(day_number - 1, {{ bracket }}) as day_number,
        count(distinct person_key) as retained_count
    from returns
    group by
        business_unit_code, cohort_grain_code, cohort_start, day_number - mod(day_number - 1, {{ bracket }})
    union all
    select
        'unbounded' as kind_code, lasts.business_unit_code, lasts.cohort_grain_code, lasts.cohort_start,
        days.day_number, count(*) as retained_count
    from lasts
    inner join days on days.day_number <= lasts.last_day_number
    group by lasts.business_unit_code, lasts.cohort_grain_code, lasts.cohort_start, days.day_number
),

kinds as (
    select 'n_day' as kind_code, day_number, day_number as observed_days from days
    union all
    select 'bracket' as kind_code, number as day_number, number + {{ bracket - 1 }} as observed_days
    from {{ number_series(1, horizon) }}
    where mod(number - 1, {{ bracket }}) = 0 and number + {{ bracket - 1 }} <= {{ horizon }}
    union all
    select 'unbounded' as kind_code, day_number, {{ horizon }} as observed_days from days
),

sizes as (
    select business_unit_code, cohort_grain_code, cohort_start, count(*) as cohort_size
    from members
    group by business_unit_code, cohort_grain_code, cohort_start
)

select
    sizes.business_unit_code,
    sizes.cohort_grain_code,
    sizes.cohort_start,
    kinds.kind_code,
    kinds.day_number,
    kinds.observed_days,
    sizes.cohort_size,
    coalesce(retained.retained_count, 0) as retained_count
from sizes
cross join kinds
left join retained
    on retained.business_unit_code = sizes.business_unit_code
    and retained.cohort_grain_code = sizes.cohort_grain_code
    and retained.cohort_start = sizes.cohort_start
    and retained.kind_code = kinds.kind_code
    and retained.day_number = kinds.day_number
