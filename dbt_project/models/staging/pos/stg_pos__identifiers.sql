with receipts as (
    select
        record_key,
        {{ pos_profile('payload', 'record_key') }} as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'loyalty_card') }} as loyalty_card
    from {{ current_versions('pos', 'receipts') }} as receipts
)

select
    receipts.record_key,
    receipts.profile_id,
    said.identifier_type,
    said.identifier_value
from receipts
cross join lateral (
    values ('phone', receipts.phone), ('loyalty_id', receipts.loyalty_card)
) as said (identifier_type, identifier_value)
where said.identifier_value is not null
