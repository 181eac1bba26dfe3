select
    ratings.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'facebook' as channel_code,
    {{ json_text('ratings.payload', 'reviewer.id') }} as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    'review' as kind_code,
    case when {{ json_text('ratings.payload', 'recommendation_type') }} is null then 'one_to_five' else 'binary' end
        as scale_code,
    case {{ json_text('ratings.payload', 'recommendation_type') }}
        when 'positive' then 1
        when 'negative' then 0
        else {{ json_number('ratings.payload', 'rating') }}
    end as score,
    {{ json_text('ratings.payload', 'review_text') }} as comment_text,
    cast(null as {{ type_instant() }}) as invited_at,
    {{ json_timestamp('ratings.payload', 'created_time') }} as answered_at
from {{ current_versions('facebook_page', 'ratings') }} as ratings
where coalesce(
    {{ json_text('ratings.payload', 'recommendation_type') }}, {{ json_text('ratings.payload', 'rating') }}
) is not null
