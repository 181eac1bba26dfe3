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

{#
    An active day is its person's last one until the next, for 28 days at most: it counts on each of those days. So a day is
    read once, and not for every window that it lies in; those of one date that last alike are one row.
#}
with days as (
    select known.business_unit_code, dates.calendar_date as counted_date
    from {{ ref('data_through') }} as known
    inner join {{ ref('dim_date') }} as dates on dates.calendar_date < known.data_through
    where known.process_code = 'sessions'
),

lasts as (
    select
        active_days.business_unit_code,
        active_days.active_date,
        lead(active_days.active_date) over (
            partition by active_days.business_unit_code, active_days.person_key order by active_days.active_date
        ) - active_days.active_date as days_to_next
    from {{ ref('active_days') }} as active_days
    where active_days.is_active = 1
    {%- if reads_dirty_keys() %}
        {# of a dirty day, all days of its window: the next day within it is there, too #}
        and /*dirty*/ active_days.active_date = any(array(
            select distinct dirty.counted_date - numbers.number
            from pg_temp.{{ this.identifier }}__dirty as dirty
            cross join {{ number_series(0, 27) }}
        )) /*:dirty*/
    {%- endif %}
),

lasting as (
    select
        business_unit_code,
        active_date,
        least(coalesce(days_to_next, 28), 28) as day_count,
        count(*) as person_count
    from lasts
    group by business_unit_code, active_date, least(coalesce(days_to_next, 28), 28)
),

counts as (
    select
        lasting.business_unit_code,
        {{ add_days('lasting.active_date', 'numbers.number') }} as counted_date,
        sum(case when numbers.number < 1 then lasting.person_count else 0 end) as person_count_1d,
        sum(case when numbers.number < 7 then lasting.person_count else 0 end) as person_count_7d,
        sum(lasting.person_count) as person_count_28d
    from lasting
    inner join {{ number_series(0, 27) }} on numbers.number < lasting.day_count
    group by lasting.business_unit_code, {{ add_days('lasting.active_date', 'numbers.number') }}
)

select
    days.business_unit_code,
    days.counted_date,
    counts.person_count_1d,
    counts.person_count_7d,
    counts.person_count_28d
from days
inner join counts
    on counts.business_unit_code = days.business_unit_code
    and counts.counted_date = days.counted_date
where {{ is_dirty('days') }}
