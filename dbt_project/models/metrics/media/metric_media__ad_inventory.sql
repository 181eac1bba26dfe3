{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_ad_slot_days': periods_of('slot_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with measured as (
    select
        slots.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(slots.rendered_count) as rendered_count,
        sum(slots.booked_count) as booked_count,
        sum(slots.request_count) as request_count,
        sum(slots.impression_count) as impression_count,
        sum(slots.viewable_impression_count) as viewable_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_ad_slot_days') }} as slots
        on slots.slot_date >= periods.period_start
        and slots.slot_date < periods.period_end
    {{ join_unit_of_type('slots', 'media') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by slots.business_unit_code, periods.period_grain_code, periods.period_start
)

{# an ad server that does not tell a figure has no rate of it #}
{% for variant, column in [
    ('available', 'rendered_count'), ('viewable', 'viewable_count'), ('sold', 'booked_count'),
    ('requests', 'request_count'), ('impressions', 'impression_count'),
] %}
{{ variant_row(
    'measured', 'media.ad_inventory', variant, 'count', value=column, n=column, where=column ~ ' is not null',
) }}
union all
{% endfor %}
{% for variant, numerator, denominator in [
    ('sell_through', 'booked_count', 'rendered_count'),
    ('fill_rate', 'impression_count', 'request_count'),
    ('viewable_rate', 'viewable_count', 'impression_count'),
] %}
{{ 'union all' if not loop.first }}
{{ variant_row(
    'measured', 'media.ad_inventory', variant, 'mean', numerator, denominator,
    where=numerator ~ ' is not null and ' ~ denominator ~ ' is not null',
) }}
{% endfor %}
