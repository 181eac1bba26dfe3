select
    reviews.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'lazada' as channel_code,
    (
        select max(orders.parent_key)
        from {{ current_versions('lazada', 'orders') }} as orders
        where orders.record_key = reviews.parent_key
    ) as profile_id,
    reviews.parent_key as order_id,
    cast(null as text) as conversation_id,
    'review' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('reviews.payload', 'ratings.overall_rating') }} as score,
    {{ json_text('reviews.payload', 'review_content') }} as comment_text,
    cast(null as {{ type_instant() }}) as invited_at,
    {{ json_epoch('reviews.payload', 'submit_time', 1000) }} as answered_at
from {{ current_versions('lazada', 'reviews') }} as reviews
{# a follow-up adds words to a review, and no rating #}
where {{ json_text('reviews.payload', 'review_type') }} = 'PRODUCT_REVIEW'
    and {{ json_number('reviews.payload', 'ratings.overall_rating') }} is not null
