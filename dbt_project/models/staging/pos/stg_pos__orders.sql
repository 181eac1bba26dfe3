select
    receipts.record_key as order_id,
    {{ json_text('receipts.payload', 'receipt_no') }} as order_number,
    'shop_counter' as business_unit_code,
    'counter' as channel_code,
    {{ pos_profile('receipts.payload', 'receipts.record_key') }} as profile_id,
    {{ json_timestamp('receipts.payload', 'sold_at') }} as ordered_at,
    case when {{ json_text('receipts.payload', 'returned_at') }} is not null then 'returned' else 'delivered' end
        as status_code,
    {{ code_for('payment_method', 'pos', json_text('receipts.payload', 'payment')) }} as payment_method_code,
    'VND' as currency,
    (
        select sum({{ json_number('lines.item', 'qty') }} * {{ json_number('lines.item', 'unit_price') }})
        from {{ json_elements('receipts.payload', 'lines', 'lines') }}
    ) as gross_amount,
    (
        select sum({{ json_number('lines.item', 'discount') }})
        from {{ json_elements('receipts.payload', 'lines', 'lines') }}
    ) as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    (
        select sum({{ json_number('lines.item', 'tax') }})
        from {{ json_elements('receipts.payload', 'lines', 'lines') }}
    ) as tax_amount,
    {{ json_timestamp('receipts.payload', 'sold_at') }} as delivered_at,
    cast(null as timestamptz) as promised_at,
    cast(null as timestamptz) as cancelled_at
from {{ current_versions('pos', 'receipts') }} as receipts
