select
    users.record_key,
    users.record_key as profile_id,
    'phone' as identifier_type,
    {{ json_text('users.payload', 'shared_info.phone') }} as identifier_value
from {{ current_versions('zalo_oa', 'users') }} as users
where {{ json_text('users.payload', 'shared_info.phone') }} <> ''
