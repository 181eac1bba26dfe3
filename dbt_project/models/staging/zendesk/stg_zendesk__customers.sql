select
    users.record_key as profile_id,
    'shop_online' as business_unit_code,
    {{ json_text('users.payload', 'name') }} as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    {{ json_timestamp('users.payload', 'created_at') }} as created_at
from {{ current_versions('zendesk', 'users') }} as users
where {{ json_text('users.payload', 'role') }} = 'end-user'
