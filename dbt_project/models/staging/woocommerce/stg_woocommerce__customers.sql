select
    customers.record_key as profile_id,
    'shop_online' as business_unit_code,
    nullif(trim(
        coalesce({{ json_text('customers.payload', 'last_name') }}, '') || ' '
        || coalesce({{ json_text('customers.payload', 'first_name') }}, '')
    ), '') as full_name,
    cast(null as integer) as birth_year,
    nullif({{ json_text('customers.payload', 'billing.state') }}, '') as city,
    {{ json_text('customers.payload', 'role') }} not in ('customer', 'subscriber') as is_internal,
    {{ json_utc('customers.payload', 'date_created_gmt') }} as created_at
from {{ current_versions('woocommerce', 'customers') }} as customers
