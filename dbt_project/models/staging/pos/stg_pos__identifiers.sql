select
    'receipt:' || receipts.record_key as profile_id,
    'phone' as identifier_type,
    {{ json_text('receipts.payload', 'phone') }} as identifier_value
from {{ current_versions('pos', 'receipts') }} as receipts
where {{ json_text('receipts.payload', 'phone') }} is not null
