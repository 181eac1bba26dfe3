{{ config(
    unique_key=['business_unit_code', 'month_start', 'active_day_count'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'active_days': "select changed_rows.business_unit_code, p.period_start as month_start from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and changed_rows.active_date < p.period_end and changed_rows.active_date >= p.period_start - 28",
        'data_through': "select changed_rows.business_unit_code, p.period_start as month_start from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and p.period_end >= changed_rows.data_through"
            ~ " and p.period_start <= (select max(known.data_through) from core.data_through as known)"
            ~ " where changed_rows.process_code = 'sessions'",
        'dim_business_unit': "select t.business_unit_code, t.month_start from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code",
    },
) }}

with months as (
    {# of a month that goes on, the 28 days up to the last one that is known #}
    select
        known.business_unit_code,
        periods.period_start as month_start,
        least(periods.period_end, known.data_through) as day_after,
        case when periods.period_end > known.data_through then 1 else 0 end as is_provisional
    from {{ ref('data_through') }} as known
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = 'month' and periods.period_start < known.data_through
    where known.process_code = 'sessions'
),

persons as (
    select
        months.business_unit_code,
        months.month_start,
        max(months.day_after) as day_after,
        max(months.is_provisional) as is_provisional,
        days.person_key,
        count(*) as active_day_count
    from months
    inner join {{ ref('active_days') }} as days
        on days.business_unit_code = months.business_unit_code
        and days.active_date >= {{ add_days('months.day_after', -28) }}
        and days.active_date < months.day_after
    where days.is_active = 1
        and {{ can_hold(add_days('months.day_after', -28), 'months.day_after', 'active_days', 'active_date') }}
        and {{ is_dirty('months') }}
    group by months.business_unit_code, months.month_start, days.person_key
),

counted as (
    select
        business_unit_code,
        month_start,
        active_day_count,
        max(day_after) as day_after,
        max(is_provisional) as is_provisional,
        count(*) as person_count
    from persons
    group by business_unit_code, month_start, active_day_count
)

select
    counted.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    counted.month_start,
    {{ add_days('counted.day_after', -1) }} as as_of_date,
    counted.active_day_count,
    counted.person_count,
    sum(counted.person_count) over (
        partition by counted.business_unit_code, counted.month_start
        order by counted.active_day_count desc rows unbounded preceding
    ) as person_count_or_more,
    sum(counted.person_count) over (partition by counted.business_unit_code, counted.month_start) as all_person_count,
    counted.is_provisional
from counted
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = counted.business_unit_code
