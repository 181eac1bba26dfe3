select
    customers.record_key as profile_id,
    'sales_software' as business_unit_code,
    nullif(trim({{ json_text('customers.payload', 'name') }}), '') as full_name,
    cast(null as integer) as birth_year,
    {{ json_text('customers.payload', 'address.city') }} as city,
    coalesce({{ json_text('customers.payload', 'metadata.is_internal') }}, 'false') = 'true' as is_internal,
    {{ json_epoch('customers.payload', 'created') }} as created_at
from {{ current_versions('stripe', 'customers') }} as customers
