select
    members.record_key as profile_id,
    'shop_online' as business_unit_code,
    nullif(trim({{ json_text('members.payload', 'full_name') }}), '') as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    coalesce(
        {{ json_timestamp('members.payload', 'timestamp_signup') }},
        {{ json_timestamp('members.payload', 'timestamp_opt') }}
    ) as created_at
from {{ current_versions('mailchimp', 'members') }} as members
