{# what the ad server filtered was never an impression: invalid clicks leave the clicks, and so both sides are valid #}
{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_ad_slot_days': periods_of('slot_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with slot_days as (
    {# clicks hang together within a slot and a day: those are what an interval is made of #}
    select
        slots.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        slots.slot_id,
        slots.slot_date,
        sum(slots.click_count) as click_count,
        sum(coalesce(slots.invalid_click_count, 0)) as invalid_count,
        sum(slots.click_count - coalesce(slots.invalid_click_count, 0)) as valid_count,
        sum(slots.impression_count) as impression_count,
        sum(slots.viewable_impression_count) as viewable_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_ad_slot_days') }} as slots
        on slots.slot_date >= periods.period_start
        and slots.slot_date < periods.period_end
    {{ join_unit_of_type('slots', 'media') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and slots.click_count is not null
        and {{ is_dirty('periods') }}
    group by slots.business_unit_code, periods.period_grain_code, periods.period_start, slots.slot_id, slots.slot_date
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(click_count) as click_count,
        sum(invalid_count) as invalid_count,
        sum(valid_count) as valid_count,
        sum(impression_count) as impression_count,
        sum(viewable_count) as viewable_count,
        {{ residual_squares('valid_count', 'impression_count') }} as ctr_squares,
        {{ residual_squares('valid_count', 'viewable_count') }} as viewable_squares,
        {{ residual_squares('invalid_count', 'click_count') }} as invalid_squares,
        count(*) as slot_day_count
    from slot_days
    group by business_unit_code, period_grain_code, period_start
)

{% for variant, numerator, denominator, squares in [
    ('ctr', 'valid_count', 'impression_count', 'ctr_squares'),
    ('ctr_viewable', 'valid_count', 'viewable_count', 'viewable_squares'),
    ('ivt_share', 'invalid_count', 'click_count', 'invalid_squares'),
] %}
{{ 'union all' if not loop.first }}
{{ variant_row(
    'measured', 'media.click_through_rate', variant, 'ratio', numerator, denominator, squares, units='slot_day_count',
    where=denominator ~ ' is not null',
) }}
{% endfor %}
