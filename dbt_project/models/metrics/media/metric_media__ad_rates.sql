{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_ad_slot_days': periods_of('slot_date', grains),
        'fct_sessions': periods_of('session_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with slot_days as (
    select
        slots.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        slots.slot_date,
        sum(slots.revenue_amount) as revenue_amount,
        sum(slots.impression_count) as impression_count,
        sum(slots.click_count - slots.invalid_click_count) as click_count,
        sum(case when slots.deal_code = 'guaranteed' then slots.revenue_amount end) as contracted_amount,
        sum(case when slots.deal_code = 'guaranteed' then slots.impression_count end) as contracted_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_ad_slot_days') }} as slots
        on slots.slot_date >= periods.period_start
        and slots.slot_date < periods.period_end
    {{ join_unit_of_type('slots', 'media') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and slots.revenue_amount is not null
        and {{ is_dirty('periods') }}
    group by slots.business_unit_code, periods.period_grain_code, periods.period_start, slots.slot_date
),

session_days as (
    select
        sessions.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        sessions.session_date,
        count(*) as session_count,
        sum(sessions.view_count) as view_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.session_date >= periods.period_start
        and sessions.session_date < periods.period_end
    {{ join_unit_of_type('sessions', 'media') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and sessions.is_counted = 1
        and {{ is_dirty('periods') }}
    group by sessions.business_unit_code, periods.period_grain_code, periods.period_start, sessions.session_date
),

measured as (
    {# per page and visit on the days that both know: an ad server told years before the site was tracked #}
    select
        slots.business_unit_code,
        slots.period_grain_code,
        slots.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(slots.revenue_amount) as revenue_amount,
        sum(slots.impression_count) as impression_count,
        sum(slots.click_count) as click_count,
        sum(slots.contracted_amount) as contracted_amount,
        sum(slots.contracted_count) as contracted_count,
        sum(case when sessions.session_count > 0 then slots.revenue_amount end) as tracked_amount,
        sum(sessions.session_count) as session_count,
        sum(sessions.view_count) as view_count
    from slot_days as slots
    left join session_days as sessions
        on sessions.business_unit_code = slots.business_unit_code
        and sessions.period_grain_code = slots.period_grain_code
        and sessions.period_start = slots.period_start
        and sessions.session_date = slots.slot_date
    group by slots.business_unit_code, slots.period_grain_code, slots.period_start
)

{% for variant, numerator, denominator in [
    ('ecpm', 'revenue_amount', 'impression_count'),
    ('cpm_contracted', 'contracted_amount', 'contracted_count'),
    ('cpc', 'revenue_amount', 'click_count'),
    ('rpm_page', 'tracked_amount', 'view_count'),
    ('rps', 'tracked_amount', 'session_count'),
] %}
{{ 'union all' if not loop.first }}
{{ variant_row(
    'measured', 'media.ad_rates', variant, 'mean', numerator, denominator, where=denominator ~ ' is not null',
) }}
{% endfor %}
