{{ config(unique_key=['period_grain_code', 'period_start']) }}

with days as (
    {{ date_spine(var('calendar_start'), var('calendar_end')) }}
),

starts as (
    select 'day' as period_grain_code, calendar_date as period_start from days
    union
    select 'week' as period_grain_code, cast(date_trunc('week', calendar_date) as date) as period_start from days
    union
    select 'month' as period_grain_code, cast(date_trunc('month', calendar_date) as date) as period_start from days
    union
    select 'quarter' as period_grain_code, cast(date_trunc('quarter', calendar_date) as date) as period_start from days
    union
    select 'half' as period_grain_code, {{ half_start('calendar_date') }} as period_start from days
    union
    select 'year' as period_grain_code, cast(date_trunc('year', calendar_date) as date) as period_start from days
)

select
    period_grain_code,
    period_start,
    coalesce(
        lead(period_start) over (partition by period_grain_code order by period_start), date '{{ var("calendar_end") }}'
    ) as period_end,
    lag(period_start) over (partition by period_grain_code order by period_start) as previous_start
from starts
