{# who shows a card is known by it; a receipt with a phone number alone is a profile of its own #}
select
    profile_id,
    'shop_counter' as business_unit_code,
    cast(null as text) as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    min(sold_at) as created_at
from (
    select
        {{ pos_profile('receipts.payload', 'receipts.record_key') }} as profile_id,
        {{ json_timestamp('receipts.payload', 'sold_at') }} as sold_at
    from {{ current_versions('pos', 'receipts') }} as receipts
) as sales
where profile_id is not null
group by profile_id
