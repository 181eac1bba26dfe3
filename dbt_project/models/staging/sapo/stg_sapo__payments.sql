{# cash that is yet to be collected is pending, and a card may fail: neither is money #}
select
    'payment:' || {{ json_text('transactions.item', 'id') }} as payment_id,
    orders.record_key as order_id,
    'payment' as kind_code,
    {{ code_for('payment_method', 'sapo', json_text('transactions.item', 'gateway')) }} as method_code,
    {{ json_timestamp('transactions.item', 'created_on') }} as paid_at,
    {{ json_number('transactions.item', 'amount') }} as amount
from {{ current_versions('sapo', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'transactions', 'transactions') }}
where {{ json_text('transactions.item', 'kind') }} in ('capture', 'sale')
    and {{ json_text('transactions.item', 'status') }} = 'success'
union all
{# a refund counts the merchandise that came back; one of money alone names none #}
select
    'refund:' || {{ json_text('refunds.item', 'id') }} as payment_id,
    orders.record_key as order_id,
    'refund' as kind_code,
    {{ code_for('payment_method', 'sapo', json_text('orders.payload', 'gateway')) }} as method_code,
    {{ json_timestamp('refunds.item', 'created_on') }} as paid_at,
    coalesce((
        select sum({{ json_number('returned.item', 'subtotal') }})
        from {{ json_elements('refunds.item', 'refund_line_items', 'returned') }}
    ), (
        select sum(abs({{ json_number('given_back.item', 'amount') }}))
        from {{ json_elements('refunds.item', 'transactions', 'given_back') }}
        where {{ json_text('given_back.item', 'status') }} = 'success'
    ), 0) as amount
from {{ current_versions('sapo', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'refunds', 'refunds') }}
