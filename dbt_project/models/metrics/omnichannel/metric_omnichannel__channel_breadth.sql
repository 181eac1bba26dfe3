{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'channel_months': months_of('month_start'),
        'fct_interactions': periods_of('occurred_date', ['month']),
    },
) }}

with {{ channels_used() }}

select
    business_unit_code,
    'omnichannel.channel_breadth' as metric_code,
    variant_code as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'mean' as value_kind,
    sum(channel_count) as numerator,
    count(*) as denominator,
    {{ residual_squares('channel_count') }} as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from used
group by business_unit_code, variant_code, period_grain_code, period_start
