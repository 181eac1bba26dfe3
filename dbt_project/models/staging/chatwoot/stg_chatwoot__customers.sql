select
    contacts.record_key as profile_id,
    'sales_software' as business_unit_code,
    {{ json_text('contacts.payload', 'name') }} as full_name,
    cast(null as integer) as birth_year,
    {{ json_text('contacts.payload', 'additional_attributes.city') }} as city,
    false as is_internal,
    {{ json_epoch('contacts.payload', 'created_at') }} as created_at
from {{ current_versions('chatwoot', 'contacts') }} as contacts
