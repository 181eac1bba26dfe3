{#
    Who was here in the last 28 days does not add up over days: each day is counted anew, of days that are known.
    A day's change makes dirty the days whose window holds it, and the days that have become known since.
#}
{{ config(
    unique_key=['business_unit_code', 'counted_date'],
    dirty_from={
        'active_days': "select changed_rows.business_unit_code, d.calendar_date as counted_date from"
            ~ " (select distinct business_unit_code, active_date from {changed}) as changed_rows"
            ~ " inner join core.dim_date as d on d.calendar_date between changed_rows.active_date"
            ~ " and changed_rows.active_date + 27",
        'data_through': "select units.business_unit_code, d.calendar_date as counted_date"
            ~ " from (select distinct business_unit_code from {changed} where process_code = 'sessions') as units"
            ~ " left join core.data_through as known on known.business_unit_code = units.business_unit_code"
            ~ " and known.process_code = 'sessions'"
            ~ " cross join lateral (select max(t.counted_date) as day from {this} as t"
            ~ " where t.business_unit_code = units.business_unit_code) as counted"
            ~ " cross join lateral (select min(a.active_date) as day from core.active_days as a"
            ~ " where a.business_unit_code = units.business_unit_code) as begun"
            ~ " inner join core.dim_date as d"
            ~ " on d.calendar_date >= least(coalesce(counted.day, begun.day), known.data_through)"
            ~ " and d.calendar_date <= greatest(coalesce(counted.day, begun.day), known.data_through)",
    },
) }}

with days as (
    select known.business_unit_code, dates.calendar_date as counted_date
    from {{ ref('data_through') }} as known
    inner join {{ ref('dim_date') }} as dates on dates.calendar_date < known.data_through
    where known.process_code = 'sessions'
),

persons as (
    select
        days.business_unit_code,
        days.counted_date,
        active_days.person_key,
        max(active_days.active_date) as last_date
    from days
    inner join {{ ref('active_days') }} as active_days
        on active_days.business_unit_code = days.business_unit_code
        and active_days.active_date > {{ add_days('days.counted_date', -28) }}
        and active_days.active_date <= days.counted_date
    where active_days.is_active = 1 and {{ is_dirty('days') }}
    group by days.business_unit_code, days.counted_date, active_days.person_key
)

select
    business_unit_code,
    counted_date,
    sum(case when last_date = counted_date then 1 else 0 end) as person_count_1d,
    sum(case when last_date > {{ add_days('counted_date', -7) }} then 1 else 0 end) as person_count_7d,
    count(*) as person_count_28d
from persons
group by business_unit_code, counted_date
