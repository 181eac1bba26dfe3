select
    conversations.parent_key as profile_id,
    'shop_online' as business_unit_code,
    {{ json_text('conversations.payload', 'customer.name') }} as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    cast(null as {{ type_instant() }}) as created_at
from {{ current_versions('facebook_page', 'conversations') }} as conversations
{# who left Facebook is nobody any more #}
where conversations.parent_key is not null
