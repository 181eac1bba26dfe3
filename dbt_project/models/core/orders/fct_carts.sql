{{ config(
    unique_key=['source_key', 'cart_id'],
    dirty_from=dirty_by('carts', 'cart_id', person=true),
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
    carts.item_count,
    coalesce(carts.currency, units.currency) as currency,
    carts.amount
from {{ ref('int_carts_unioned') }} as carts
{{ join_unit('carts') }}
{{ join_person('carts') }}
{{ join_channel('carts') }}
where {{ is_dirty('carts') }}
