{{ config(
    unique_key=['source_key', 'order_id'],
    dirty_from={
        'fct_orders': ['source_key', 'order_id'],
        'fct_sessions': "select orders.source_key, orders.order_id from core.fct_orders as orders inner join {changed}"
            ~ " on orders.customer_key = changed_rows.customer_key"
            ~ " and orders.order_date between changed_rows.session_date and changed_rows.session_date + 1"
            ~ " where orders.customer_key <> 'unknown'",
    },
    change_carries=['session_key', 'session_date'],
    indexes=[{'columns': ['session_key']}, {'columns': ['session_date']}],
) }}

with candidates as (
    select
        orders.source_key,
        orders.order_id,
        orders.order_date,
        sessions.session_key,
        sessions.visitor_key,
        sessions.business_unit_code,
        sessions.customer_key,
        sessions.session_date,
        case when orders.ordered_at <= sessions.ended_at then 1 else 0 end as is_within,
        row_number() over (
            partition by orders.source_key, orders.order_id
            order by
                case when orders.ordered_at <= sessions.ended_at then sessions.started_at end desc nulls last,
                sessions.ended_at desc, sessions.session_key
        ) as nearness
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.customer_key = orders.customer_key
        and sessions.business_unit_code = orders.business_unit_code
        and sessions.channel_code = orders.channel_code
        {# what counts lasts for half a day at most #}
        and sessions.session_date between orders.order_date - 1 and orders.order_date
        and sessions.started_at <= orders.ordered_at
        and sessions.ended_at >= orders.ordered_at - interval '{{ var("session_gap_minutes") }} minutes'
    where orders.is_counted = 1
        and orders.customer_key <> 'unknown'
        and sessions.is_counted = 1
        and {{ is_dirty('orders') }}
)

select
    source_key,
    order_id,
    business_unit_code,
    session_key,
    visitor_key,
    customer_key,
    session_date,
    order_date,
    is_within
from candidates
where nearness = 1
