{# who was there before decides who is new in every later period: a visit dirties those too #}
{% set grains = ['day', 'week', 'month', 'quarter'] %}
{% set keys = ['period_start', 'period_grain_code', 'business_unit_code'] %}
{% set segments = {'channel_code': 'channel', 'device_code': 'device', 'visitor_kind_code': 'visitor_kind'} %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_sessions': periods_of('session_date', grains)
            ~ ' union ' ~ periods_of('s.session_date', grains, of="{changed} inner join core.fct_sessions as s"
            ~ " on s.visitor_key = changed_rows.visitor_key and s.session_date > changed_rows.session_date"),
        'bridge_session_order': periods_of('session_date', grains),
        'fct_orders': periods_of('b.session_date', grains, of="{changed} inner join core.bridge_session_order as b"
            ~ " on b.source_key = changed_rows.source_key and b.order_id = changed_rows.order_id"),
        'dim_business_unit': all_periods(grains),
    },
) }}

with ordering as (
    select
        periods.period_grain_code,
        periods.period_start,
        bridge.session_key,
        max(case when orders.status_code = 'delivered' then 1 else 0 end) as has_kept_order
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('bridge_session_order') }} as bridge
        on bridge.session_date >= periods.period_start
        and bridge.session_date < periods.period_end
    inner join {{ ref('fct_orders') }} as orders
        on orders.source_key = bridge.source_key
        and orders.order_id = bridge.order_id
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, bridge.session_key
),

sessions as (
    select
        periods.period_grain_code,
        periods.period_start,
        sessions.business_unit_code,
        sessions.channel_code,
        coalesce(sessions.device_code, 'other') as device_code,
        sessions.visitor_key,
        case when sessions.customer_key <> 'unknown' then sessions.customer_key else sessions.visitor_key end as person,
        case when cast(visitors.first_seen_at_local as date) >= periods.period_start then 'new' else 'returning' end
            as visitor_kind_code,
        case when ordering.session_key is not null then 1 else 0 end as has_order,
        coalesce(ordering.has_kept_order, 0) as has_kept_order
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.session_date >= periods.period_start
        and sessions.session_date < periods.period_end
    inner join {{ ref('dim_visitor') }} as visitors on visitors.visitor_key = sessions.visitor_key
    {{ join_unit_of_type('sessions', 'ecommerce') }}
    left join ordering
        on ordering.period_grain_code = periods.period_grain_code
        and ordering.period_start = periods.period_start
        and ordering.session_key = sessions.session_key
    where sessions.is_counted = 1
        and periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
),

persons as (
    select
        {{ keys | join(', ') }},
        {{ segment_by(segments) }},
        person,
        count(*) as session_count,
        sum(has_order) as ordering_count,
        sum(has_kept_order) as kept_count
    from sessions
    group by {{ segment_sets(segments, ['person'] + keys) }}
),

visitors as (
    select
        {{ keys | join(', ') }},
        {{ segment_by(segments) }},
        visitor_key,
        max(has_order) as has_order
    from sessions
    group by {{ segment_sets(segments, ['visitor_key'] + keys) }}
)
{% for variant, amount in [('session', 'ordering_count'), ('net', 'kept_count')] %}
{{ variant_by_person('persons', 'ecommerce.conversion_rate', variant, 'ratio', amount, 'session_count') }}
union all
{% endfor %}
select
    business_unit_code,
    'ecommerce.conversion_rate' as metric_code,
    'visitor' as variant_code,
    period_grain_code,
    period_start,
    segment_type_code,
    segment_code,
    'ratio' as value_kind,
    sum(has_order) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from visitors
group by business_unit_code, period_grain_code, period_start, segment_type_code, segment_code
