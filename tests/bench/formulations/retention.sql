-- bit masks: the days, and the weeks, on which a person came back are the bits of a number
create temporary table theirs_retention as
with persons as (
    select
        firsts.business_unit_code,
        firsts.first_active_date,
        firsts.person_key,
        bit_or(case when days.active_date - firsts.first_active_date <= 30
            then 1 << (days.active_date - firsts.first_active_date - 1) else 0 end) as days,
        bit_or(1 << ((days.active_date - firsts.first_active_date - 1) / 7)) as weeks,
        max(days.active_date - firsts.first_active_date) as last_day
    from core.first_days as firsts
    inner join core.active_days as days
        on days.business_unit_code = firsts.business_unit_code
        and days.person_key = firsts.person_key
        and days.active_date > firsts.first_active_date
        and days.active_date <= firsts.first_active_date + 90
    where days.is_active = 1
    group by firsts.business_unit_code, firsts.first_active_date, firsts.person_key
),

numbers as (
    select 'n_day' as kind_code, number as day_number, 1 << (number - 1) as bit from generate_series(1, 30) as number
    union all
    select 'bracket', 1 + 7 * number, 1 << number from generate_series(0, 11) as number
    union all
    select 'unbounded', number, null from generate_series(1, 30) as number
),

-- alike persons are one row from here on: of a day of first activity there are few masks
masks as (
    select 'n_day' as kind_code, business_unit_code, first_active_date, days as mask, 0 as last_day, count(*) as person_count
    from persons
    group by business_unit_code, first_active_date, days
    union all
    select 'bracket', business_unit_code, first_active_date, weeks, 0, count(*)
    from persons
    group by business_unit_code, first_active_date, weeks
    union all
    select 'unbounded', business_unit_code, first_active_date, 0, least(last_day, 30), count(*)
    from persons
    group by business_unit_code, first_active_date, least(last_day, 30)
),

retained as (
    select
        masks.business_unit_code,
        masks.first_active_date,
        numbers.kind_code,
        numbers.day_number,
        sum(masks.person_count) as retained_count
    from masks
    inner join numbers
        on numbers.kind_code = masks.kind_code
        and (masks.mask & numbers.bit <> 0 or masks.last_day >= numbers.day_number)
    group by masks.business_unit_code, masks.first_active_date, numbers.kind_code, numbers.day_number
),

sizes as (
    select business_unit_code, first_active_date, count(*) as cohort_size
    from core.first_days
    where first_active_date is not null
    group by business_unit_code, first_active_date
),

-- everybody has one first day: weeks and months are sums over days
cohorts as (
    select
        sizes.business_unit_code,
        periods.period_grain_code as cohort_grain_code,
        periods.period_start as cohort_start,
        sum(sizes.cohort_size) as cohort_size
    from sizes
    inner join core.dim_period as periods
        on periods.period_grain_code in ('week', 'month')
        and periods.period_start <= sizes.first_active_date
        and periods.period_end > sizes.first_active_date
    group by sizes.business_unit_code, periods.period_grain_code, periods.period_start
),

cells as (
    select
        retained.business_unit_code,
        periods.period_grain_code as cohort_grain_code,
        periods.period_start as cohort_start,
        retained.kind_code,
        retained.day_number,
        sum(retained.retained_count) as retained_count
    from retained
    inner join core.dim_period as periods
        on periods.period_grain_code in ('week', 'month')
        and periods.period_start <= retained.first_active_date
        and periods.period_end > retained.first_active_date
    group by
        retained.business_unit_code, periods.period_grain_code, periods.period_start, retained.kind_code,
        retained.day_number
)

select
    cohorts.business_unit_code,
    cohorts.cohort_grain_code,
    cohorts.cohort_start,
    numbers.kind_code,
    numbers.day_number,
    cohorts.cohort_size,
    coalesce(cells.retained_count, 0) as retained_count
from cohorts
cross join numbers
left join cells
    on cells.business_unit_code = cohorts.business_unit_code
    and cells.cohort_grain_code = cohorts.cohort_grain_code
    and cells.cohort_start = cohorts.cohort_start
    and cells.kind_code = numbers.kind_code
    and cells.day_number = numbers.day_number;
