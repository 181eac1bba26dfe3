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

with days as (
    select distinct business_unit_code, install_date as base_date
    from {{ ref('fct_install_days') }}
),

reports as (
    select
        days.business_unit_code,
        days.base_date,
        installs.platform_code,
        installs.install_date,
        sum(installs.install_count) - coalesce(sum(installs.uninstall_count), 0) as kept_count,
        sum(installs.active_device_count) as active_device_count
    from days
    inner join {{ ref('fct_install_days') }} as installs
        on installs.business_unit_code = days.business_unit_code
        and installs.install_date > {{ add_days('days.base_date', -365) }}
        and installs.install_date <= days.base_date
    where {{ is_dirty('days') }}
    group by days.business_unit_code, days.base_date, installs.platform_code, installs.install_date
),

platforms as (
    select
        business_unit_code,
        base_date,
        platform_code,
        sum(kept_count) as kept_count,
        (
            array_agg(active_device_count order by install_date desc)
            filter (where active_device_count is not null and install_date > {{ add_days('base_date', -7) }})
        )[1] as active_device_count
    from reports
    group by business_unit_code, base_date, platform_code
)

select
    business_unit_code,
    base_date,
    sum(coalesce(active_device_count, greatest(kept_count, 0))) as device_count,
    sum(case when active_device_count is not null then 1 else 0 end) as counted_platform_count,
    count(*) as platform_count
from platforms
group by business_unit_code, base_date
