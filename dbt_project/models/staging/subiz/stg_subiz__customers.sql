select
    visitors.record_key as profile_id,
    'shop_online' as business_unit_code,
    {{ json_text('visitors.payload', 'name') }} as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    cast(null as {{ type_instant() }}) as created_at
from {{ current_versions('subiz', 'visitors') }} as visitors
