select
    'payment:' || receipts.record_key as payment_id,
    receipts.record_key as order_id,
    'payment' as kind_code,
    {{ code_for('payment_method', 'pos', json_text('receipts.payload', 'payment')) }} as method_code,
    {{ json_timestamp('receipts.payload', 'sold_at') }} as paid_at,
    (
        select sum(
            {{ json_number('lines.item', 'qty') }} * {{ json_number('lines.item', 'unit_price') }}
            - {{ json_number('lines.item', 'discount') }} + {{ json_number('lines.item', 'tax') }}
        )
        from {{ json_elements('receipts.payload', 'lines', 'lines') }}
    ) as amount
from {{ current_versions('pos', 'receipts') }} as receipts
union all
select
    'refund:' || receipts.record_key as payment_id,
    receipts.record_key as order_id,
    'refund' as kind_code,
    {{ code_for('payment_method', 'pos', json_text('receipts.payload', 'payment')) }} as method_code,
    {{ json_timestamp('receipts.payload', 'returned_at') }} as paid_at,
    (
        select sum(
            {{ json_number('lines.item', 'qty') }} * {{ json_number('lines.item', 'unit_price') }}
            - {{ json_number('lines.item', 'discount') }}
        )
        from {{ json_elements('receipts.payload', 'lines', 'lines') }}
    ) as amount
from {{ current_versions('pos', 'receipts') }} as receipts
where {{ json_text('receipts.payload', 'returned_at') }} is not null
