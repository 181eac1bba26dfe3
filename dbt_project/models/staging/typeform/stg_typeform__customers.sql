select
    'person:' || responses.record_key as profile_id,
    'shop_online' as business_unit_code,
    cast(null as text) as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    {{ json_timestamp('responses.payload', 'landed_at') }} as created_at
from {{ current_versions('typeform', 'responses') }} as responses
where {{ json_text('responses.payload', 'hidden.phone') }} <> ''
