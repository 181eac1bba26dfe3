{# Shopee has no list of buyers: what is known of one is what the last order says #}
with orders as (
    select
        parent_key as profile_id,
        {{ json_text('payload', 'recipient_address.name') }} as full_name,
        nullif({{ json_text('payload', 'recipient_address.state') }}, '') as city,
        row_number() over (
            partition by parent_key
            order by {{ json_number('payload', 'create_time') }} desc, record_key desc
        ) as recency
    from {{ current_versions('shopee', 'orders') }} as orders
    where parent_key is not null
)

select
    profile_id,
    'shop_online' as business_unit_code,
    {{ unmasked('full_name') }} as full_name,
    cast(null as integer) as birth_year,
    {{ unmasked('city') }} as city,
    false as is_internal,
    {# Shopee does not say since when #}
    cast(null as {{ type_instant() }}) as created_at
from orders
where recency = 1
