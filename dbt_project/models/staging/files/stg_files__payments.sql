select
    records.scope || '/' || {{ json_text('records.payload', 'payment_id') }} as payment_id,
    records.parent_key as order_id,
    coalesce({{ json_text('records.payload', 'kind_code') }}, 'payment') as kind_code,
    {{ code_for('payment_method', 'files', json_text('records.payload', 'method_code')) }} as method_code,
    {{ json_timestamp('records.payload', 'paid_at') }} as paid_at,
    {{ json_number('records.payload', 'amount') }} as amount
from {{ current_versions('files', 'payments') }} as records
where {{ json_text('records.payload', '_occurrence') }} = '1'
