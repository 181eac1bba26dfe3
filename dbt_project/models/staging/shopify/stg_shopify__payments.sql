with orders as {{ computed_by_each() }} (
    select
        record_key as order_id,
        payload,
        {{ json_text('payload', 'paymentGatewayNames.0') }} as gateway
    from {{ current_versions('shopify', 'orders') }} as orders
    where coalesce({{ json_text('payload', 'test') }}, 'false') <> 'true'
)

{# an authorisation only holds money, and a sale that is pending or failed brought none #}
select
    'payment:' || {{ json_text('payments.item', 'id') }} as payment_id,
    orders.order_id,
    'payment' as kind_code,
    {{ code_for('payment_method', 'shopify', json_text('payments.item', 'gateway')) }} as method_code,
    {{ json_timestamp('payments.item', 'processedAt') }} as paid_at,
    {{ json_number('payments.item', 'amountSet.shopMoney.amount') }} as amount
from orders
cross join {{ json_elements('orders.payload', 'transactions', 'payments') }}
where {{ json_text('payments.item', 'kind') }} in ('SALE', 'CAPTURE')
    and {{ json_text('payments.item', 'status') }} = 'SUCCESS'
union all
{# Of a refund merchandise alone counts, no more of it than was given back, on the refund's own day. One
   without lines gives back an amount alone; one without money only puts goods back on the shelf, as the
   cancelling of an unpaid order does. #}
select
    'refund:' || {{ json_text('refunds.item', 'id') }} as payment_id,
    orders.order_id,
    'refund' as kind_code,
    {{ code_for('payment_method', 'shopify', 'orders.gateway') }} as method_code,
    {{ json_timestamp('refunds.item', 'createdAt') }} as paid_at,
    least(
        {{ json_number('refunds.item', 'totalRefundedSet.shopMoney.amount') }},
        (
            select sum({{ json_number('returned.item', 'subtotalSet.shopMoney.amount') }})
            from {{ json_elements('refunds.item', 'refundLineItems.nodes', 'returned') }}
        )
    ) as amount
from orders
cross join {{ json_elements('orders.payload', 'refunds', 'refunds') }}
where {{ json_number('refunds.item', 'totalRefundedSet.shopMoney.amount') }} > 0
