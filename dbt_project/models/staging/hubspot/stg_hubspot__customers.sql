select
    contacts.record_key as profile_id,
    'sales_software' as business_unit_code,
    nullif(trim(
        coalesce({{ json_text('contacts.payload', 'properties.lastname') }}, '') || ' '
        || coalesce({{ json_text('contacts.payload', 'properties.firstname') }}, '')
    ), '') as full_name,
    cast(null as integer) as birth_year,
    {{ json_text('contacts.payload', 'properties.city') }} as city,
    false as is_internal,
    {{ json_timestamp('contacts.payload', 'properties.createdate') }} as created_at
from {{ current_versions('hubspot', 'contacts') }} as contacts
