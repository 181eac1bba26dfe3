{{ config(
    unique_key=['source_key', 'payment_id'],
    dirty_key=['source_key', 'order_id'],
    dirty_from={
        'int_orders_unioned': ['source_key', 'order_id'],
        'int_payments_unioned': ['source_key', 'order_id'],
        'identity_map': ['identifier_key'],
        'dim_customer': ['customer_key'],
        'dim_business_unit': "select t.source_key, t.order_id from {this} as t inner join {changed}"
            ~ " on t.business_unit_code in (changed_rows.business_unit_code, 'unknown')",
    },
    change_carries=['order_id', 'business_unit_code', 'customer_key', 'paid_date'],
    indexes=[{'columns': ['source_key', 'order_id']}, {'columns': ['identifier_key']}, {'columns': ['paid_date']}],
) }}

select
    payments.source_key,
    payments.payment_id,
    payments.order_id,
    coalesce(units.business_unit_code, 'unknown') as business_unit_code,
    coalesce(identity_map.customer_key, 'unknown') as customer_key,
    orders.source_key || ':' || orders.profile_id as identifier_key,
    payments.kind_code,
    payments.method_code,
    payments.paid_at,
    {{ local_time('payments.paid_at', 'units.time_zone') }} as paid_at_local,
    {{ local_date('payments.paid_at', 'units.time_zone') }} as paid_date,
    units.currency,
    payments.amount,
    {# money given back for an order that never counted takes nothing from revenue #}
    case
        when payments.kind_code = 'refund'
            and coalesce(orders.status_code, 'open') not in ('cancelled', 'failed')
            and coalesce(customers.is_internal, 0) = 0
            then payments.amount
        else 0
    end as revenue_refunded
from {{ ref('int_payments_unioned') }} as payments
left join {{ ref('int_orders_unioned') }} as orders
    on orders.source_key = payments.source_key
    and orders.order_id = payments.order_id
    and {{ is_dirty('orders') }}
left join {{ ref('dim_business_unit') }} as units
    on units.business_unit_code = coalesce(orders.business_unit_code, 'unknown')
left join {{ source('identity', 'identity_map') }} as identity_map
    on identity_map.source_key = orders.source_key
    and identity_map.profile_id = orders.profile_id
left join {{ ref('dim_customer') }} as customers on customers.customer_key = identity_map.customer_key
where {{ is_dirty('payments') }}
