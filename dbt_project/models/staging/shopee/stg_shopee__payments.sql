select
    'payment:' || orders.record_key as payment_id,
    orders.record_key as order_id,
    'payment' as kind_code,
    {{ code_for('payment_method', 'shopee', json_text('orders.payload', 'payment_method')) }} as method_code,
    {{ json_epoch('orders.payload', 'pay_time') }} as paid_at,
    {{ json_number('orders.payload', 'total_amount') }} as amount
from {{ current_versions('shopee', 'orders') }} as orders
where {{ json_number('orders.payload', 'pay_time') }} > 0
union all
{# of a refund merchandise alone counts: a whole one gives shipping back too, a bargained one less than the goods #}
select
    'refund:' || returns.record_key as payment_id,
    returns.parent_key as order_id,
    'refund' as kind_code,
    coalesce(
        (
            select {{ code_for('payment_method', 'shopee', json_text('orders.payload', 'payment_method')) }}
            from {{ current_versions('shopee', 'orders') }} as orders
            where orders.record_key = returns.parent_key
        ),
        'unknown'
    ) as method_code,
    {{ json_epoch('returns.payload', 'update_time') }} as paid_at,
    least(
        {{ json_number('returns.payload', 'refund_amount') }},
        (
            select sum({{ json_number('returned.item', 'amount') }} * {{ json_number('returned.item', 'item_price') }})
            from {{ json_elements('returns.payload', 'item', 'returned') }}
        )
    ) as amount
from {{ current_versions('shopee', 'returns') }} as returns
where {{ json_text('returns.payload', 'status') }} = 'ACCEPTED'
