{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_journeys': periods_of('ended_date', ['month']),
    },
) }}

with persons as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        customer_key,
        sum(channel_switch_count) as switch_count,
        count(*) as journey_count
    from ({{ ended_journeys() }}) as journeys
    group by business_unit_code, period_grain_code, period_start, customer_key
)

select
    business_unit_code,
    'omnichannel.channel_switches' as metric_code,
    'per_journey' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'mean' as value_kind,
    sum(switch_count) as numerator,
    sum(journey_count) as denominator,
    {{ residual_squares('switch_count', 'journey_count') }} as residual_squares,
    cast(null as numeric) as value,
    cast(sum(journey_count) as bigint) as n,
    count(*) as n_units
from persons
group by business_unit_code, period_grain_code, period_start
