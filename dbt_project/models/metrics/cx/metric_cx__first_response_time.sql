{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_conversations': periods_of('opened_date', ['day', 'week', 'month', 'quarter']),
    },
) }}

with conversations as (
    select
        periods.period_grain_code,
        periods.period_start,
        conversations.business_unit_code,
        conversations.channel_code,
        conversations.first_response_seconds,
        conversations.first_response_business_seconds,
        conversations.first_response_any_seconds
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_conversations') }} as conversations
        on conversations.opened_date >= periods.period_start
        and conversations.opened_date < periods.period_end
    where conversations.is_internal = 0
        and periods.period_grain_code in ('day', 'week', 'month', 'quarter')
        and {{ is_dirty('periods') }}
),

measured as (
    {# a median does not add up: it is computed at each grain; who was never answered is in within_24h #}
    select
        business_unit_code,
        period_grain_code,
        period_start,
        {{ segment_by({'channel_code': 'channel'}) }},
        percentile_cont(0.5) within group (order by first_response_seconds) as human_p50,
        percentile_cont(0.9) within group (order by first_response_seconds) as human_p90,
        percentile_cont(0.5) within group (order by first_response_business_seconds) as business_p50,
        percentile_cont(0.5) within group (order by first_response_any_seconds) as any_p50,
        count(first_response_seconds) as human_count,
        count(first_response_any_seconds) as any_count,
        sum(case when first_response_seconds <= 86400 then 1 else 0 end) as answered_in_time,
        count(*) as conversation_count
    from conversations
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, channel_code)
    )
)
{% for variant, value_kind, value, n in [
    ('human_calendar', 'quantile', 'human_p50', 'human_count'),
    ('human_calendar_p90', 'quantile', 'human_p90', 'human_count'),
    ('human_business', 'quantile', 'business_p50', 'human_count'),
    ('any_calendar', 'quantile', 'any_p50', 'any_count'),
    ('within_24h', 'ratio', none, 'conversation_count'),
] %}
{{ 'union all' if not loop.first }}
select
    business_unit_code,
    'cx.first_response_time' as metric_code,
    '{{ variant }}' as variant_code,
    period_grain_code,
    period_start,
    segment_type_code,
    segment_code,
    '{{ value_kind }}' as value_kind,
    {{ 'answered_in_time' if value is none else 'cast(null as bigint)' }} as numerator,
    {{ 'conversation_count' if value is none else 'cast(null as bigint)' }} as denominator,
    cast(null as numeric) as residual_squares,
    cast({{ value or 'null' }} as numeric) as value,
    {{ n }} as n,
    {{ n }} as n_units
from measured
{% endfor %}
