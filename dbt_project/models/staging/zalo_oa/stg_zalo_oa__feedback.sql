select
    ratings.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'zalo' as channel_code,
    cast(null as text) as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    'csat' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('ratings.payload', 'rate') }} as score,
    {{ json_text('ratings.payload', 'note') }} as comment_text,
    cast(null as {{ type_instant() }}) as invited_at,
    {{ json_epoch('ratings.payload', 'submitDate', 1000) }} as answered_at
from {{ current_versions('zalo_oa', 'ratings') }} as ratings
