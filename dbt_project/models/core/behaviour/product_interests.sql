{#
    A device is several people's over time: what was looked at is found by the visit, which knows whose it was, and not by
    the device and the day. A visit counts by the day on which it began. Nobody known has no interests: asked for by the
    key of the unknown, all of their visits would be read.
#}
{{ config(
    unique_key=['customer_key', 'interest_date', 'business_unit_code', 'product_code'],
    dirty_key=['customer_key', 'interest_date'],
    dirty_from={
        'product_purchases': "select customer_key, order_date as interest_date from {changed} where customer_key <> 'unknown'",
        'fct_sessions': "select customer_key, session_date as interest_date from {changed} where customer_key <> 'unknown'",
        'fct_events': "select s.customer_key, s.session_date as interest_date from (select distinct visitor_key, event_date"
            ~ " from {changed} where visitor_key <> 'unknown') as changed_rows"
            ~ " inner join core.fct_sessions as s on s.visitor_key = changed_rows.visitor_key"
            ~ " and s.session_date <= changed_rows.event_date and s.ended_date >= changed_rows.event_date"
            ~ " and s.customer_key <> 'unknown'",
        'dim_product': "select s.customer_key, s.session_date as interest_date from {changed}"
            ~ " inner join core.product_views as v on v.product_id = changed_rows.product_id"
            ~ " inner join core.fct_sessions as s on s.visitor_key = v.visitor_key"
            ~ " and s.session_date <= v.view_date and s.ended_date >= v.view_date and s.customer_key <> 'unknown'",
    },
) }}

with visits as (
    select sessions.customer_key, sessions.visitor_key, sessions.session_date, sessions.ended_date, sessions.started_at,
        sessions.ended_at
    from {{ ref('fct_sessions') }} as sessions
    where sessions.is_counted = 1
        and sessions.product_view_count > 0
        and sessions.customer_key <> 'unknown'
        and {{ is_dirty('sessions', ['customer_key', 'session_date']) }}
),

viewed as (
    select distinct visits.customer_key, visits.session_date, events.business_unit_code, events.product_id
    from visits
    inner join {{ ref('fct_events') }} as events
        on events.visitor_key = visits.visitor_key
        and events.event_date >= visits.session_date
        and events.event_date <= visits.ended_date
        and events.occurred_at >= visits.started_at
        and events.occurred_at <= visits.ended_at
    where {{ is_product_view('events') }} = 1
),

products as (
    select
        business_unit_code,
        product_id,
        min(coalesce(nullif(sku, ''), product_id)) as product_code,
        max(category_name) as category_name
    from {{ ref('dim_product') }}
    group by business_unit_code, product_id
),

interests as (
    select
        viewed.customer_key,
        viewed.session_date as interest_date,
        viewed.business_unit_code,
        coalesce(products.product_code, viewed.product_id) as product_code,
        products.category_name,
        1 as is_viewed,
        0 as is_bought
    from viewed
    left join products
        on products.business_unit_code = viewed.business_unit_code
        and products.product_id = viewed.product_id
    union all
    select
        purchases.customer_key,
        purchases.order_date as interest_date,
        purchases.business_unit_code,
        purchases.product_code,
        purchases.category_name,
        0 as is_viewed,
        1 as is_bought
    from {{ ref('product_purchases') }} as purchases
    where purchases.customer_key <> 'unknown'
        and {{ is_dirty('purchases', ['customer_key', 'order_date']) }}
)

select
    customer_key,
    interest_date,
    business_unit_code,
    product_code,
    max(category_name) as category_name,
    max(is_viewed) as is_viewed,
    max(is_bought) as is_bought
from interests
group by customer_key, interest_date, business_unit_code, product_code
