{{ config(unique_key=['calendar_date']) }}

with days as (
    {{ date_spine(var('calendar_start'), var('calendar_end')) }}
),

holidays as (
    select * from {{ ref('holidays') }}
),

tet as (
    select holiday_date as tet_date from holidays where is_tet_day_one = 1
),

nearest as (
    select
        days.calendar_date,
        tet.tet_date,
        row_number() over (
            partition by days.calendar_date
            order by abs(days.calendar_date - tet.tet_date), tet.tet_date
        ) as nearness
    from days
    cross join tet
    where tet.tet_date between days.calendar_date - 200 and days.calendar_date + 200
)

select
    days.calendar_date,
    cast(extract(isodow from days.calendar_date) as smallint) as day_of_week,
    {{ day_name('days.calendar_date', 'vi') }} as day_name_vi,
    {{ day_name('days.calendar_date', 'en') }} as day_name_en,
    cast(date_trunc('week', days.calendar_date) as date) as week_start,
    cast(date_trunc('month', days.calendar_date) as date) as month_start,
    cast(date_trunc('quarter', days.calendar_date) as date) as quarter_start,
    {{ half_start('days.calendar_date') }} as half_start,
    cast(date_trunc('year', days.calendar_date) as date) as year_start,
    case when extract(isodow from days.calendar_date) >= 6 then 1 else 0 end as is_weekend,
    case when holidays.holiday_date is not null then 1 else 0 end as is_holiday,
    holidays.name_vi as holiday_name_vi,
    holidays.name_en as holiday_name_en,
    days.calendar_date - nearest.tet_date as days_from_tet
from days
left join holidays on holidays.holiday_date = days.calendar_date
left join nearest on nearest.calendar_date = days.calendar_date and nearest.nearness = 1
