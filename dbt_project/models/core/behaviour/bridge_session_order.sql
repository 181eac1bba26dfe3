{# an order that a visit names, of the same unit and about the same day #}
{% set named_orders = " inner join core.fct_orders as orders on orders.order_id = events.order_id"
    ~ " and orders.business_unit_code = events.business_unit_code"
    ~ " and orders.order_date between events.event_date - 1 and events.event_date + 1"
    ~ " where events.event_name = 'Order Completed'" %}

{{ config(
    unique_key=['source_key', 'order_id'],
    dirty_from={
        'fct_orders': ['source_key', 'order_id'],
        'fct_sessions': "select orders.source_key, orders.order_id from core.fct_orders as orders inner join {changed}"
            ~ " on orders.customer_key = changed_rows.customer_key"
            ~ " and orders.order_date between changed_rows.session_date and changed_rows.session_date + 1"
            ~ " where orders.customer_key <> 'unknown'"
            ~ " union select t.source_key, t.order_id from {this} as t inner join {changed}"
            ~ " on t.visitor_key = changed_rows.visitor_key and t.session_date = changed_rows.session_date"
            ~ " union select orders.source_key, orders.order_id from {changed} inner join core.fct_events as events"
            ~ " on events.visitor_key = changed_rows.visitor_key"
            ~ " and events.event_date between changed_rows.session_date and changed_rows.session_date + 1" ~ named_orders,
        'fct_events': "select t.source_key, t.order_id from {this} as t inner join {changed}"
            ~ " on t.visitor_key = changed_rows.visitor_key"
            ~ " and t.session_date between changed_rows.event_date - 1 and changed_rows.event_date"
            ~ " union select orders.source_key, orders.order_id from {changed} inner join core.fct_events as events"
            ~ " on events.visitor_key = changed_rows.visitor_key and events.event_date = changed_rows.event_date" ~ named_orders,
    },
    change_carries=['session_key', 'session_date', 'visitor_key'],
    indexes=[{'columns': ['session_key']}, {'columns': ['session_date']}],
) }}

with orders as (
    select source_key, order_id, business_unit_code, channel_code, customer_key, ordered_at, order_date
    from {{ ref('fct_orders') }} as orders
    where is_counted = 1 and {{ is_dirty('orders') }}
),

pairs as (
    {# the tracker says which order it was, also where nobody is signed in #}
    select
        orders.source_key,
        orders.order_id,
        sessions.session_key,
        1 as is_within,
        1 as is_named
    from orders
    inner join {{ ref('fct_events') }} as events
        on events.order_id = orders.order_id
        and events.business_unit_code = orders.business_unit_code
        and events.event_date between orders.order_date - 1 and orders.order_date + 1
        and events.event_name = 'Order Completed'
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.visitor_key = events.visitor_key
        and sessions.business_unit_code = orders.business_unit_code
        and sessions.session_date between events.event_date - 1 and events.event_date
        and sessions.started_at <= events.occurred_at
        and sessions.ended_at >= events.occurred_at
    where sessions.is_counted = 1
    union all
    select
        orders.source_key,
        orders.order_id,
        sessions.session_key,
        case when orders.ordered_at <= sessions.ended_at then 1 else 0 end as is_within,
        0 as is_named
    from orders
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.customer_key = orders.customer_key
        and sessions.business_unit_code = orders.business_unit_code
        and sessions.channel_code = orders.channel_code
        {# what counts lasts for half a day at most #}
        and sessions.session_date between orders.order_date - 1 and orders.order_date
        and sessions.started_at <= orders.ordered_at
        and sessions.ended_at >= orders.ordered_at - interval '{{ var("session_gap_minutes") }} minutes'
    where orders.customer_key <> 'unknown' and sessions.is_counted = 1
),

candidates as (
    select
        pairs.*,
        row_number() over (
            partition by pairs.source_key, pairs.order_id
            order by
                pairs.is_named desc, pairs.is_within desc,
                case when pairs.is_within = 1 then sessions.started_at end desc nulls last,
                sessions.ended_at desc, sessions.session_key
        ) as nearness
    from pairs
    inner join {{ ref('fct_sessions') }} as sessions on sessions.session_key = pairs.session_key
)

select
    orders.source_key,
    orders.order_id,
    orders.business_unit_code,
    sessions.session_key,
    sessions.visitor_key,
    orders.customer_key,
    sessions.session_date,
    orders.order_date,
    candidates.is_within
from candidates
inner join orders on orders.source_key = candidates.source_key and orders.order_id = candidates.order_id
inner join {{ ref('fct_sessions') }} as sessions on sessions.session_key = candidates.session_key
where candidates.nearness = 1
