{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'channel_months': months_of_channels(),
        'fct_interactions': months_of_contacts(),
        'fct_journeys': months_of_journeys(),
    },
) }}

with {{ channels_used() }},

variants as (
    select variant_code, business_unit_code, period_grain_code, period_start, channel_count, customer_key from used
    union all
    select 'journey' as variant_code, business_unit_code, period_grain_code, period_start, channel_count, customer_key
    from ({{ ended_journeys() }}) as journeys
)

select
    business_unit_code,
    'omnichannel.cross_channel_rate' as metric_code,
    variant_code as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(case when channel_count >= 2 then 1 else 0 end) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(distinct customer_key) as n_units
from variants
group by business_unit_code, variant_code, period_grain_code, period_start
