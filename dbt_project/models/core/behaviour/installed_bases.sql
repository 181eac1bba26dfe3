{#
    Devices that have the app: what a store says of the last seven days; of a store that does not count them, what was
    installed in a year less what was removed.
#}
{{ config(
    unique_key=['business_unit_code', 'base_date'],
    dirty_from={
        'fct_install_days': "select changed_rows.business_unit_code, d.calendar_date as base_date"
            ~ " from (select distinct business_unit_code, install_date from {changed}) as changed_rows"
            ~ " inner join core.dim_date as d"
            ~ " on d.calendar_date between changed_rows.install_date and changed_rows.install_date + 364",
    },
) }}

with wanted as {{ computed_once() }} (
    select days.business_unit_code, days.base_date
    from (select distinct business_unit_code, install_date as base_date from {{ ref('fct_install_days') }}) as days
    where {{ is_dirty('days') }}
),

reports as {{ computed_once() }} (
    {# a day is in the windows of a year of days: it is added up once, and each window goes over the sums #}
    select
        business_unit_code,
        platform_code,
        install_date,
        sum(install_count) - coalesce(sum(uninstall_count), 0) as kept_count,
        sum(active_device_count) as active_device_count
    from {{ ref('fct_install_days') }}
    where install_date > (select {{ add_days('min(wanted.base_date)', -365) }} from wanted)
        and install_date <= (select max(wanted.base_date) from wanted)
    group by business_unit_code, platform_code, install_date
),

days as (
    {# a platform may say nothing on a day on which another does #}
    select days.business_unit_code, days.base_date, platforms.platform_code
    from (select distinct business_unit_code, install_date as base_date from reports) as days
    inner join (select distinct business_unit_code, platform_code from reports) as platforms
        on platforms.business_unit_code = days.business_unit_code
),

windows as (
    select
        days.business_unit_code,
        days.base_date,
        days.platform_code,
        sum(reports.kept_count) over year_before as kept_count,
        count(reports.install_date) over year_before as report_count,
        array_agg(reports.active_device_count) filter (where reports.active_device_count is not null)
            over week_before as active_device_counts
    from days
    left join reports
        on reports.business_unit_code = days.business_unit_code
        and reports.install_date = days.base_date
        and reports.platform_code = days.platform_code
    window
        year_before as (
            partition by days.business_unit_code, days.platform_code order by days.base_date
            range between interval '364 days' preceding and current row
        ),
        week_before as (
            partition by days.business_unit_code, days.platform_code order by days.base_date
            range between interval '6 days' preceding and current row
        )
),

platforms as (
    select
        windows.business_unit_code,
        windows.base_date,
        windows.kept_count,
        {# the latest #}
        active_device_counts[cardinality(active_device_counts)] as active_device_count
    from windows
    inner join wanted
        on wanted.business_unit_code = windows.business_unit_code
        and wanted.base_date = windows.base_date
    where windows.report_count > 0
)

select
    business_unit_code,
    base_date,
    sum(coalesce(active_device_count, greatest(kept_count, 0))) as device_count,
    sum(case when active_device_count is not null then 1 else 0 end) as counted_platform_count,
    count(*) as platform_count
from platforms
group by business_unit_code, base_date
