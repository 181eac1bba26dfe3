select
    comments.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'shopee' as channel_code,
    {{ json_text('comments.payload', 'buyer_user_id') }} as profile_id,
    {{ json_text('comments.payload', 'order_sn') }} as order_id,
    cast(null as text) as conversation_id,
    'review' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('comments.payload', 'rating_star') }} as score,
    {{ json_text('comments.payload', 'comment') }} as comment_text,
    cast(null as {{ type_instant() }}) as invited_at,
    {{ json_epoch('comments.payload', 'create_time') }} as answered_at
from {{ current_versions('shopee', 'comments') }} as comments
