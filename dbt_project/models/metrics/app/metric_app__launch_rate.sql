{#
    Stores tell how many installed and not who: the first openings of a period stand beside its installs. The installs
    that the app itself sees would all have been opened.
#}
{% set grains = ['week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_install_days': periods_of('install_date', grains),
        'first_days': periods_of('first_seen_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

{% set segments %}
group by grouping sets (
        (periods.period_grain_code, periods.period_start, counted.business_unit_code),
        (periods.period_grain_code, periods.period_start, counted.business_unit_code, counted.platform_code)
    )
{% endset %}

with installs as (
    select
        periods.period_grain_code,
        periods.period_start,
        counted.business_unit_code,
        case when grouping(counted.platform_code) = 1 then 'all' else 'platform' end as segment_type_code,
        case when grouping(counted.platform_code) = 1 then 'all' else counted.platform_code end as segment_code,
        sum(counted.install_count) as install_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_install_days') }} as counted
        on counted.install_date >= periods.period_start
        and counted.install_date < periods.period_end
    {{ join_unit_of_type('counted', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    {{ segments }}
),

openings as (
    select
        periods.period_grain_code,
        periods.period_start,
        counted.business_unit_code,
        case when grouping(counted.platform_code) = 1 then 'all' else 'platform' end as segment_type_code,
        case when grouping(counted.platform_code) = 1 then 'all' else counted.platform_code end as segment_code,
        count(*) as opened_count,
        sum(
            case when counted.signed_up_date <= {{ add_days('counted.first_seen_date', 7) }} then 1 else 0 end
        ) as account_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as counted
        on counted.first_seen_date >= periods.period_start
        and counted.first_seen_date < periods.period_end
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    {{ segments }}
),

measured as (
    select
        installs.*,
        coalesce(openings.opened_count, 0) as opened_count,
        coalesce(openings.account_count, 0) as account_count
    from installs
    left join openings
        on openings.business_unit_code = installs.business_unit_code
        and openings.period_grain_code = installs.period_grain_code
        and openings.period_start = installs.period_start
        and openings.segment_type_code = installs.segment_type_code
        and openings.segment_code = installs.segment_code
    where installs.install_count is not null
)

{{ variant_row('measured', 'app.launch_rate', 'launch', 'mean', 'opened_count', 'install_count') }}
union all
{{ variant_row('measured', 'app.launch_rate', 'account', 'mean', 'account_count', 'install_count') }}
