select
    'payment:' || {{ json_text('transactions.item', 'id') }} as payment_id,
    orders.record_key as order_id,
    'payment' as kind_code,
    {{ code_for('payment_method', 'haravan', json_text('orders.payload', 'gateway_code')) }} as method_code,
    {{ json_timestamp('transactions.item', 'created_at') }} as paid_at,
    {{ json_number('transactions.item', 'amount') }} as amount
from {{ current_versions('haravan', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'transactions', 'transactions') }}
where {{ json_text('transactions.item', 'kind') }} in ('capture', 'sale')
union all
{# a refund counts the merchandise that came back; returned shipping and tax are no merchandise #}
select
    'refund:' || {{ json_text('refunds.item', 'id') }} as payment_id,
    orders.record_key as order_id,
    'refund' as kind_code,
    {{ code_for('payment_method', 'haravan', json_text('orders.payload', 'gateway_code')) }} as method_code,
    {{ json_timestamp('refunds.item', 'created_at') }} as paid_at,
    coalesce((
        select sum({{ json_number('returned.item', 'subtotal') }})
        from {{ json_elements('refunds.item', 'refund_line_items', 'returned') }}
    ),
    {# a refund of an amount alone names no merchandise: its transactions are negative #}
    (
        select -sum({{ json_number('given_back.item', 'amount') }})
        from {{ json_elements('refunds.item', 'transactions', 'given_back') }}
    ), 0) as amount
from {{ current_versions('haravan', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'refunds', 'refunds') }}
