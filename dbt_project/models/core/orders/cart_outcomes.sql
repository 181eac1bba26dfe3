{{ config(
    unique_key=['source_key', 'cart_id'],
    dirty_from={
        'fct_carts': ['source_key', 'cart_id'],
        'fct_sessions': 'select source_key, session_key as cart_id from {changed}',
        'fct_orders': 'select t.source_key, t.cart_id from {this} as t inner join {changed}'
            ~ ' on t.customer_key = changed_rows.customer_key and changed_rows.order_date'
            ~ ' between t.last_active_date - 1 and t.last_active_date + 8'
            ~ " where changed_rows.customer_key <> 'unknown'",
    },
    change_carries=['business_unit_code', 'coverage_code', 'last_active_date'],
    indexes=[
        {'columns': ['customer_key']}, {'columns': ['last_active_date']},
        {'columns': ['business_unit_code', 'coverage_code']}, {'columns': ['business_unit_code', 'last_active_date']},
    ],
) }}

with carts as (
    select
        carts.source_key,
        carts.cart_id,
        carts.business_unit_code,
        carts.channel_code,
        cast(null as varchar) as device_code,
        carts.customer_key,
        case
            when carts.customer_key <> 'unknown' then carts.customer_key
            else coalesce(carts.anonymous_id, carts.cart_id)
        end as person_key,
        carts.coverage_code,
        carts.last_active_date,
        case when carts.checkout_started_date is not null then 1 else 0 end as is_checkout,
        case
            {# one that was bought after a day of silence had been left #}
            when carts.completion_seconds
                > {{ seconds_between('carts.started_at', 'carts.last_active_at') }} + {{ var('cart_hours') }} * 3600 then 0
            when carts.completion_seconds is not null or carts.order_id is not null then 1
            else 0
        end as is_bought,
        carts.is_recovered_elsewhere,
        carts.amount
    from {{ ref('fct_carts') }} as carts
    where carts.is_internal = 0
        and coalesce(carts.item_count, 1) > 0
        and carts.last_active_date is not null
        and {{ is_dirty('carts') }}
),

visits as (
    {# where no source keeps the carts, a visit in which something was put into one is a cart #}
    select
        sessions.*,
        case
            when sessions.purchase_count > 0 then 1
            when sessions.customer_key <> 'unknown' and exists (
                select 1
                from {{ ref('fct_orders') }} as orders
                where orders.customer_key = sessions.customer_key
                    and orders.business_unit_code = sessions.business_unit_code
                    and orders.channel_code = sessions.channel_code
                    and orders.status_code <> 'credit_note'
                    and orders.ordered_at >= sessions.started_at
                    and orders.ordered_at <= sessions.ended_at + interval '{{ var("cart_hours") }} hours'
            ) then 1
            else 0
        end as is_bought
    from {{ ref('fct_sessions') }} as sessions
    where sessions.cart_addition_count > 0
        and sessions.is_counted = 1
        and {{ is_dirty('sessions', ['source_key', 'session_key']) }}
)

select
    source_key,
    cart_id,
    business_unit_code,
    channel_code,
    device_code,
    customer_key,
    person_key,
    coverage_code,
    last_active_date,
    is_checkout,
    is_bought,
    case when is_bought = 0 then is_recovered_elsewhere end as is_recovered_elsewhere,
    amount
from carts
union all
select
    source_key,
    session_key as cart_id,
    business_unit_code,
    channel_code,
    device_code,
    customer_key,
    case when customer_key <> 'unknown' then customer_key else visitor_key end as person_key,
    'visit' as coverage_code,
    ended_date as last_active_date,
    case when checkout_count > 0 then 1 else 0 end as is_checkout,
    is_bought,
    case
        when is_bought = 1 or customer_key = 'unknown' then null
        when exists (
            select 1
            from {{ ref('fct_orders') }} as orders
            where orders.customer_key = visits.customer_key
                and orders.is_counted = 1
                and orders.ordered_at > visits.ended_at
                and orders.ordered_at <= visits.ended_at + interval '7 days'
        ) then 1
        else 0
    end as is_recovered_elsewhere,
    cart_amount as amount
from visits
