select
    videos.record_key as content_id,
    'news_site' as business_unit_code,
    'video' as kind_code,
    {{ json_text('videos.payload', 'snippet.title') }} as title,
    cast(null as text) as profile_id,
    'youtube' as channel_code,
    cast(null as text) as topic_code,
    {{ json_timestamp('videos.payload', 'snippet.publishedAt') }} as published_at,
    cast(null as {{ type_instant() }}) as removed_at,
    {{ json_duration('videos.payload', 'contentDetails.duration') }} as duration_seconds,
    cast(null as numeric) as word_count,
    0 as is_paywalled
from {{ current_versions('youtube', 'videos') }} as videos
union all
select
    channels.record_key as content_id,
    'news_site' as business_unit_code,
    'other' as kind_code,
    {{ json_text('channels.payload', 'snippet.title') }} as title,
    cast(null as text) as profile_id,
    'youtube' as channel_code,
    cast(null as text) as topic_code,
    {{ json_timestamp('channels.payload', 'snippet.publishedAt') }} as published_at,
    cast(null as {{ type_instant() }}) as removed_at,
    cast(null as numeric) as duration_seconds,
    cast(null as numeric) as word_count,
    0 as is_paywalled
from {{ current_versions('youtube', 'channels') }} as channels
