select
    customers.record_key as profile_id,
    'shop_online' as business_unit_code,
    nullif(trim(
        coalesce({{ json_text('customers.payload', 'lastName') }}, '') || ' '
        || coalesce({{ json_text('customers.payload', 'firstName') }}, '')
    ), '') as full_name,
    cast(null as integer) as birth_year,
    {# Shopify has no provinces of Vietnam: people write theirs as the city #}
    coalesce(
        nullif({{ json_text('customers.payload', 'defaultAddress.province') }}, ''),
        nullif({{ json_text('customers.payload', 'defaultAddress.city') }}, '')
    ) as city,
    lower(coalesce({{ json_text('customers.payload', 'tags') }}, '')) like '%"staff"%' as is_internal,
    {{ json_timestamp('customers.payload', 'createdAt') }} as created_at
from {{ current_versions('shopify', 'customers') }} as customers
