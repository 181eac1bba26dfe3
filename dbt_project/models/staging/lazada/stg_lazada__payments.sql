{% set method %}{{ code_for('payment_method', 'lazada', json_text('orders.payload', 'payment_method')) }}{% endset %}
with units as (
    select
        order_id,
        {# 0 where nothing was paid #}
        max({{ json_epoch('item', 'payment_time', 1000) }}) as paid_at,
        sum(
            {{ json_number('item', 'paid_price') }} + coalesce({{ json_number('item', 'shipping_amount') }}, 0)
        ) as amount,
        max(case when status in ('delivered', 'returned') then 1 else 0 end) as is_delivered
    from {{ lazada_units() }} as units
    group by order_id
),

orders as {{ computed_by_each() }} (
    select
        record_key as order_id,
        {{ method }} as method_code
    from {{ current_versions('lazada', 'orders') }} as orders
)

select
    'payment:' || orders.order_id as payment_id,
    orders.order_id,
    'payment' as kind_code,
    orders.method_code,
    units.paid_at,
    units.amount
from orders
inner join units on units.order_id = orders.order_id
{# cash is paid when the parcel is, whatever else is called a payment #}
where units.paid_at > cast('1970-01-02 00:00:00+00:00' as {{ type_instant() }})
    and (orders.method_code <> 'cod' or units.is_delivered = 1)
union all
select
    'refund:' || refunds.refund_id as payment_id,
    refunds.order_id,
    'refund' as kind_code,
    coalesce(orders.method_code, 'unknown') as method_code,
    refunds.refunded_at as paid_at,
    refunds.amount
from {{ lazada_refunds() }} as refunds
left join orders on orders.order_id = refunds.order_id
