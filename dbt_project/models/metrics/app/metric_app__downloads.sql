{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={'fct_install_days': periods_of('install_date', grains), 'dim_business_unit': all_periods(grains)},
) }}

with measured as (
    select
        periods.period_grain_code,
        periods.period_start,
        installs.business_unit_code,
        case when grouping(installs.platform_code) = 1 then 'all' else 'platform' end as segment_type_code,
        case when grouping(installs.platform_code) = 1 then 'all' else installs.platform_code end as segment_code,
        {# users of one store and devices of the other: each as its store counts #}
        sum(installs.install_count) as install_count,
        sum(installs.download_count) as download_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_install_days') }} as installs
        on installs.install_date >= periods.period_start
        and installs.install_date < periods.period_end
    {{ join_unit_of_type('installs', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by grouping sets (
        (periods.period_grain_code, periods.period_start, installs.business_unit_code),
        (periods.period_grain_code, periods.period_start, installs.business_unit_code, installs.platform_code)
    )
)

{{ variant_row('measured', 'app.downloads', 'first_installs', 'count', value='install_count', n='coalesce(install_count, 0)') }}
union all
{{ variant_row('measured', 'app.downloads', 'total_downloads', 'count', value='download_count', n='coalesce(download_count, 0)') }}
