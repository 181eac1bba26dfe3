{% set grains = ['day', 'week', 'month', 'quarter'] %}
{% set keys = ['period_start', 'period_grain_code', 'business_unit_code'] %}
{% set segments = {'channel_code': 'channel', 'device_code': 'device'} %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'cart_outcomes': periods_of('last_active_date', grains),
        'cart_coverage': all_periods(grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with carts as (
    select
        periods.period_grain_code,
        periods.period_start,
        carts.business_unit_code,
        carts.channel_code,
        coalesce(carts.device_code, 'unknown') as device_code,
        carts.person_key as person,
        carts.is_checkout,
        1 - carts.is_bought as is_left,
        carts.is_recovered_elsewhere,
        carts.amount,
        {# a source that tells only of carts that were left says nothing of how many there were #}
        case
            when coverage.has_every_cart = 1 and carts.coverage_code = 'all' then 1
            when coverage.has_every_cart = 0 and carts.coverage_code = 'visit' then 1
            else 0
        end as is_counted,
        case when coverage.has_kept_carts = 1 and carts.coverage_code = 'visit' then 0 else 1 end as is_valued
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('cart_outcomes') }} as carts
        on carts.last_active_date >= periods.period_start
        and carts.last_active_date < periods.period_end
    inner join {{ ref('cart_coverage') }} as coverage on coverage.business_unit_code = carts.business_unit_code
    {{ join_unit_of_type('carts', 'ecommerce') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
),

variants as (
    select carts.*, 'cart' as variant_code, is_left as is_met from carts where is_counted = 1
    union all
    select carts.*, 'checkout' as variant_code, is_left as is_met from carts where is_counted = 1 and is_checkout = 1
    union all
    {# of a cart that nobody known left, nobody knows whether it was bought elsewhere #}
    select carts.*, 'recovered_elsewhere' as variant_code, is_recovered_elsewhere as is_met
    from carts
    where is_counted = 1 and is_left = 1 and is_recovered_elsewhere is not null
),

persons as (
    select
        variant_code,
        {{ keys | join(', ') }},
        {{ segment_by(segments) }},
        person,
        sum(is_met) as met_count,
        count(*) as cart_count
    from variants
    group by {{ segment_sets(segments, ['person', 'variant_code'] + keys) }}
)

select
    business_unit_code,
    'ecommerce.cart_abandonment' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    segment_type_code,
    segment_code,
    'ratio' as value_kind,
    sum(met_count) as numerator,
    sum(cart_count) as denominator,
    {{ residual_squares('met_count', 'cart_count') }} as residual_squares,
    cast(null as numeric) as value,
    cast(sum(cart_count) as bigint) as n,
    count(*) as n_units
from persons
group by business_unit_code, variant_code, period_grain_code, period_start, segment_type_code, segment_code
union all
select
    business_unit_code,
    'ecommerce.cart_abandonment' as metric_code,
    'value_abandoned' as variant_code,
    period_grain_code,
    period_start,
    {{ segment_by(segments) }},
    'money' as value_kind,
    cast(null as numeric) as numerator,
    cast(null as numeric) as denominator,
    cast(null as numeric) as residual_squares,
    sum(amount) as value,
    count(*) as n,
    count(distinct person) as n_units
from carts
where is_valued = 1 and is_left = 1 and amount is not null
group by {{ segment_sets(segments, keys) }}
