{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'channel_months': months_of('month_start'),
        'fct_interactions': periods_of('occurred_date', ['month']),
        'fct_journeys': periods_of('ended_date', ['month']),
    },
) }}

with {{ channels_used() }},

counted as (
    select
        variant_code,
        business_unit_code,
        period_grain_code,
        period_start,
        sum(case when channel_count >= 2 then 1 else 0 end) as several_count,
        count(*) as all_count,
        count(*) as customer_count
    from used
    group by variant_code, business_unit_code, period_grain_code, period_start
    union all
    select
        'journey' as variant_code,
        business_unit_code,
        period_grain_code,
        period_start,
        sum(case when channel_count >= 2 then 1 else 0 end) as several_count,
        count(*) as all_count,
        {# a customer is one of those in touch, and may end several journeys #}
        count(distinct customer_key) as customer_count
    from ({{ ended_journeys() }}) as journeys
    group by business_unit_code, period_grain_code, period_start
)

select
    business_unit_code,
    'omnichannel.cross_channel_rate' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    several_count as numerator,
    all_count as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    all_count as n,
    customer_count as n_units
from counted
