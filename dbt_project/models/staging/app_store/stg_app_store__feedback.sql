select
    reviews.record_key as feedback_id,
    'habit_app' as business_unit_code,
    'app_ios' as channel_code,
    {# a reviewer is a nickname that anybody may have #}
    cast(null as text) as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    'review' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('reviews.payload', 'attributes.rating') }} as score,
    nullif(trim(concat_ws(
        '. ',
        nullif({{ json_text('reviews.payload', 'attributes.title') }}, ''),
        {{ json_text('reviews.payload', 'attributes.body') }}
    )), '') as comment_text,
    cast(null as {{ type_instant() }}) as invited_at,
    {{ json_timestamp('reviews.payload', 'attributes.createdDate') }} as answered_at
from {{ current_versions('app_store', 'reviews') }} as reviews
where {{ json_text('reviews.payload', 'attributes.rating') }} is not null
