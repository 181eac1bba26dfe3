{# TikTok has no list of buyers: what is known of one is what the last order says that says where it goes #}
with orders as (
    select
        record_key,
        parent_key as profile_id,
        payload,
        {{ json_text('payload', 'recipient_address.name') }} as full_name,
        (
            select max({{ json_text('levels.item', 'address_name') }})
            from {{ json_elements('payload', 'recipient_address.district_info', 'levels') }}
            where {{ json_text('levels.item', 'address_level') }} = 'L1'
        ) as city
    from {{ current_versions('tiktok_shop', 'orders') }} as orders
    where parent_key is not null
),

latest as (
    select
        profile_id,
        full_name,
        city,
        row_number() over (
            partition by profile_id
            order by (city is null), {{ json_number('payload', 'create_time') }} desc, record_key desc
        ) as recency
    from orders
)

select
    profile_id,
    'shop_online' as business_unit_code,
    {{ unmasked('full_name') }} as full_name,
    cast(null as integer) as birth_year,
    {{ unmasked('city') }} as city,
    false as is_internal,
    {# TikTok does not say since when #}
    cast(null as {{ type_instant() }}) as created_at
from latest
where recency = 1
