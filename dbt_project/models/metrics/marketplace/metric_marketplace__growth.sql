{# a period looks back for as long as the window before its first day #}
{% set grains = ['week', 'month'] %}
{% set window = var('trade_days') %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'trade_days': periods_of('trade_date', grains, before=window + 31),
        'fct_listing_days': periods_of('snapshot_date', grains, before=28),
        'dim_business_unit': all_periods(grains),
    },
) }}

with persons as (
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        days.side_code,
        days.customer_key,
        max(case when days.trade_date < periods.period_start then 1 else 0 end) as was_active,
        max(case when days.trade_date >= {{ add_days('periods.period_end', -window) }} then 1 else 0 end) as is_active,
        max(case when days.first_trade_date >= periods.period_start then 1 else 0 end) as is_first
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('trade_days') }} as days
        on days.trade_date >= {{ add_days('periods.period_start', -window) }}
        and days.trade_date < periods.period_end
    {{ join_unit_of_type('days', 'marketplace') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ can_hold(add_days('periods.period_start', -window), 'periods.period_end', 'trade_days', 'trade_date') }}
        and {{ is_dirty('periods') }}
    group by
        periods.period_grain_code, periods.period_start, days.business_unit_code, days.side_code, days.customer_key
),

sides as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'side' as segment_type_code,
        side_code as segment_code,
        sum(was_active) as start_count,
        sum((1 - was_active) * is_active * is_first) as new_count,
        sum((1 - was_active) * is_active * (1 - is_first)) as reactivated_count,
        sum(was_active * (1 - is_active)) as lapsed_count,
        sum(is_active) as end_count
    from persons
    group by business_unit_code, period_grain_code, period_start, side_code
),

moves as (
    select sides.*, new_count + reactivated_count - lapsed_count as net_count
    from sides
),

both_sides as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(case when segment_code = 'buyer' then end_count else 0 end) as buyer_count,
        sum(case when segment_code = 'seller' then end_count else 0 end) as seller_count
    from sides
    group by business_unit_code, period_grain_code, period_start
),

known_periods as {{ computed_once() }} (
    select periods.period_grain_code, periods.period_start, periods.period_end
    from {{ ref('dim_period') }} as periods
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ can_hold(add_days('periods.period_end', -28), 'periods.period_end', 'fct_listing_days', 'snapshot_date', also_daily=true) }}
        and {{ is_dirty('periods') }}
),

live_days as {{ computed_once() }} (
    {# listings are many, sellers few #}
    select distinct days.business_unit_code, days.snapshot_date, days.customer_key
    from {{ ref('fct_listing_days') }} as days
    {{ join_unit_of_type('days', 'marketplace') }}
    where days.is_live_end = 1
        and days.customer_key <> 'unknown'
        and days.snapshot_date >= (select min(period_end) - 28 from known_periods)
        and days.snapshot_date < (select max(period_end) from known_periods)
),

listers as (
    select
        days.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'side' as segment_type_code,
        'seller' as segment_code,
        count(distinct days.customer_key) as seller_count
    from known_periods as periods
    inner join live_days as days
        on days.snapshot_date >= {{ add_days('periods.period_end', -28) }}
        and days.snapshot_date < periods.period_end
    group by days.business_unit_code, periods.period_grain_code, periods.period_start
)

{% for variant, column in [
    ('active_start', 'start_count'), ('new', 'new_count'), ('reactivated', 'reactivated_count'),
    ('lapsed', 'lapsed_count'), ('active_end', 'end_count'), ('net_growth', 'net_count'),
] %}
{{ variant_row('moves', 'marketplace.growth', variant, 'count', value=column, n='start_count + new_count + reactivated_count') }}
union all
{% endfor %}
{{ variant_row('moves', 'marketplace.growth', 'growth_rate', 'mean', 'net_count', 'start_count') }}
union all
{{ variant_row('both_sides', 'marketplace.growth', 'buyers_per_seller', 'mean', 'buyer_count', 'seller_count') }}
union all
{{ variant_row('listers', 'marketplace.growth', 'sellers_listing', 'count', value='seller_count', n='seller_count') }}
