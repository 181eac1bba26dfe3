{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_counts': periods_of('counted_date', grains),
        'installed_bases': periods_of('base_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with days as (
    {# days on which both are known: stores report later than the app does #}
    select
        periods.period_grain_code,
        periods.period_start,
        counts.business_unit_code,
        counts.person_count_1d,
        counts.person_count_28d,
        bases.device_count,
        row_number() over (
            partition by periods.period_grain_code, periods.period_start, counts.business_unit_code
            order by counts.counted_date desc
        ) as recency
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_counts') }} as counts
        on counts.counted_date >= periods.period_start
        and counts.counted_date < periods.period_end
    inner join {{ ref('installed_bases') }} as bases
        on bases.business_unit_code = counts.business_unit_code
        and bases.base_date = counts.counted_date
    {{ join_unit_of_type('counts', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(person_count_1d) as person_days,
        sum(device_count) as device_days,
        max(case when recency = 1 then person_count_28d end) as last_person_count,
        max(case when recency = 1 then device_count end) as last_device_count
    from days
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row('measured', 'app.active_share', 'mau', 'mean', 'last_person_count', 'last_device_count') }}
union all
{{ variant_row('measured', 'app.active_share', 'dau', 'mean', 'person_days', 'device_days', units='last_device_count') }}
