{{ config(
    unique_key=['source_key', 'cart_id'],
    dirty_from=dict(dirty_by('carts', 'cart_id', person=true), fct_orders=(
        'select t.source_key, t.cart_id from {this} as t inner join {changed}'
        ~ ' on t.customer_key = changed_rows.customer_key and changed_rows.order_date'
        ~ ' between t.last_active_date - 1 and t.last_active_date + 8'
    )),
    change_carries=['customer_key', 'business_unit_code', 'last_active_date'],
    indexes=[{'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['last_active_date']}],
) }}

select
    {{ stamped_with_person('carts') }},
    {{ known_channel() }},
    carts.cart_id,
    carts.anonymous_id,
    carts.coverage_code,
    carts.started_at,
    {{ local_time('carts.started_at', 'units.time_zone') }} as started_at_local,
    {{ local_date('carts.started_at', 'units.time_zone') }} as started_date,
    {{ local_date('carts.checkout_started_at', 'units.time_zone') }} as checkout_started_date,
    carts.last_active_at,
    {{ local_date('carts.last_active_at', 'units.time_zone') }} as last_active_date,
    {{ local_date('carts.completed_at', 'units.time_zone') }} as completed_date,
    {{ seconds_between('carts.started_at', 'carts.completed_at') }} as completion_seconds,
    carts.order_id,
    case
        when carts.completed_at is not null or carts.order_id is not null then 0
        when coalesce(identity_map.customer_key, 'unknown') = 'unknown' then null
        {# some sources do not tell which order a cart became, but all of them tell that it did #}
        when exists (
            select 1
            from {{ ref('fct_orders') }} as orders
            where orders.customer_key = identity_map.customer_key
                and orders.is_counted = 1
                and orders.ordered_at > carts.last_active_at
                and orders.ordered_at <= carts.last_active_at + interval '7 days'
        ) then 1
        else 0
    end as is_recovered_elsewhere,
    carts.item_count,
    coalesce(carts.currency, units.currency) as currency,
    carts.amount
from {{ ref('int_carts_unioned') }} as carts
{{ join_unit('carts') }}
{{ join_person('carts') }}
{{ join_channel('carts') }}
where {{ is_dirty('carts') }}
