select
    comments.record_key as content_event_id,
    'news_site' as business_unit_code,
    coalesce(
        {{ json_text('comments.payload', 'snippet.videoId') }}, {{ json_text('comments.payload', 'snippet.channelId') }}
    ) as content_id,
    {{ json_text('comments.payload', 'snippet.authorChannelId.value') }} as profile_id,
    cast(null as text) as anonymous_id,
    'youtube' as channel_code,
    'comment' as kind_code,
    {{ json_timestamp('comments.payload', 'snippet.publishedAt') }} as occurred_at,
    {{ json_text('comments.payload', 'snippet.parentId') }} as parent_event_id,
    {{ json_text('comments.payload', 'snippet.textOriginal') }} as body_text,
    cast(null as numeric) as amount
from {{ current_versions('youtube', 'comments') }} as comments
