select
    users.record_key as profile_id,
    'shop_online' as business_unit_code,
    coalesce(
        nullif({{ json_text('users.payload', 'shared_info.name') }}, ''),
        {{ json_text('users.payload', 'display_name') }}
    ) as full_name,
    cast(null as integer) as birth_year,
    nullif({{ json_text('users.payload', 'shared_info.city') }}, '') as city,
    false as is_internal,
    {# Zalo does not say since when #}
    cast(null as {{ type_instant() }}) as created_at
from {{ current_versions('zalo_oa', 'users') }} as users
