with receipts as (
    select
        record_key,
        {{ pos_profile('payload', 'record_key') }} as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'loyalty_card') }} as loyalty_card
    from {{ current_versions('pos', 'receipts') }} as receipts
)

select
    record_key,
    profile_id,
    'phone' as identifier_type,
    phone as identifier_value
from receipts
where phone is not null
union all
select
    record_key,
    profile_id,
    'loyalty_id' as identifier_type,
    loyalty_card as identifier_value
from receipts
where loyalty_card is not null
