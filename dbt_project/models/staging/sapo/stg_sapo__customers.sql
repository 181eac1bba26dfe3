select
    customers.record_key as profile_id,
    'shop_online' as business_unit_code,
    nullif(trim(
        coalesce({{ json_text('customers.payload', 'last_name') }}, '') || ' '
        || coalesce({{ json_text('customers.payload', 'first_name') }}, '')
    ), '') as full_name,
    cast(null as integer) as birth_year,
    nullif({{ json_text('customers.payload', 'default_address.province') }}, '') as city,
    coalesce({{ json_text('customers.payload', 'tags') }}, '') like '%staff%' as is_internal,
    {{ json_timestamp('customers.payload', 'created_on') }} as created_at
from {{ current_versions('sapo', 'customers') }} as customers
