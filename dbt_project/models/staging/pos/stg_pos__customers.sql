select
    'receipt:' || receipts.record_key as profile_id,
    'shop_counter' as business_unit_code,
    cast(null as text) as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    {{ json_timestamp('receipts.payload', 'sold_at') }} as created_at
from {{ current_versions('pos', 'receipts') }} as receipts
where {{ json_text('receipts.payload', 'phone') }} is not null
