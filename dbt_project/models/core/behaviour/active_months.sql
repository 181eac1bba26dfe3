{{ config(
    unique_key=['business_unit_code', 'person_key', 'month_start'],
    dirty_from={
        'active_days': "select business_unit_code, person_key, cast(date_trunc('month', active_date) as date) as month_start"
            ~ " from {changed}",
    },
    indexes=[{'columns': ['month_start']}],
) }}

with months as (
    select period_start as month_start, period_end
    from {{ ref('dim_period') }}
    where period_grain_code = 'month'
),

days as (
    {# found by the days' own key; the month narrows the range within it #}
    select active_days.*, months.month_start
    from {{ ref('active_days') }} as active_days
    inner join months
        on active_days.active_date >= months.month_start
        and active_days.active_date < months.period_end
    where active_days.is_active = 1
)

select
    business_unit_code,
    person_key,
    month_start,
    max(customer_key) as customer_key,
    count(*) as active_day_count,
    sum(session_count) as session_count,
    sum(core_event_count) as core_event_count
from days
where {{ is_dirty('days') }}
group by business_unit_code, person_key, month_start
