select
    reviews.record_key as feedback_id,
    'habit_app' as business_unit_code,
    'app_android' as channel_code,
    {# a reviewer is a name that anybody may have #}
    cast(null as text) as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    'review' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('reviews.payload', 'comments.0.userComment.starRating') }} as score,
    {# Google puts a tab between a title, which reviews no longer have, and the text #}
    trim(leading chr(9) from {{ json_text('reviews.payload', 'comments.0.userComment.text') }}) as comment_text,
    cast(null as {{ type_instant() }}) as invited_at,
    {{ json_timestamp('reviews.payload', 'answered_at') }} as answered_at
from {{ current_versions('google_play', 'reviews') }} as reviews
where {{ json_text('reviews.payload', 'comments.0.userComment.starRating') }} is not null
