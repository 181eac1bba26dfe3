select
    posts.record_key as content_id,
    'shop_online' as business_unit_code,
    case {{ json_text('posts.payload', 'status_type') }} when 'added_video' then 'video' else 'post' end as kind_code,
    {{ json_text('posts.payload', 'message') }} as title,
    cast(null as text) as profile_id,
    'facebook' as channel_code,
    cast(null as text) as topic_code,
    {{ json_timestamp('posts.payload', 'created_time') }} as published_at,
    cast(null as {{ type_instant() }}) as removed_at,
    cast(null as numeric) as duration_seconds,
    cast(null as numeric) as word_count,
    0 as is_paywalled
from {{ current_versions('facebook_page', 'posts') }} as posts
union all
select
    pages.record_key as content_id,
    'shop_online' as business_unit_code,
    'other' as kind_code,
    {{ json_text('pages.payload', 'name') }} as title,
    cast(null as text) as profile_id,
    'facebook' as channel_code,
    cast(null as text) as topic_code,
    cast(null as {{ type_instant() }}) as published_at,
    cast(null as {{ type_instant() }}) as removed_at,
    cast(null as numeric) as duration_seconds,
    cast(null as numeric) as word_count,
    0 as is_paywalled
from {{ current_versions('facebook_page', 'pages') }} as pages
