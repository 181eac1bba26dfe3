select
    days.record_key as content_day_id,
    'news_site' as business_unit_code,
    {{ json_text('days.payload', 'video_id') }} as content_id,
    cast({{ json_text('days.payload', 'day') }} as date) as content_date,
    {{ json_number('days.payload', 'views') }} as view_count,
    {{ json_number('days.payload', 'estimatedMinutesWatched') }} * 60 as watch_seconds,
    {{ json_number('days.payload', 'likes') }} as like_count,
    {{ json_number('days.payload', 'comments') }} as comment_count,
    {{ json_number('days.payload', 'shares') }} as share_count,
    cast(null as numeric) as subscribers_gained,
    cast(null as numeric) as subscribers_lost,
    cast(null as numeric) as revenue_amount,
    cast(null as text) as currency
from {{ current_versions('youtube', 'video_days') }} as days
union all
{# the channel's views hold those of its videos: only what is its own is told of it #}
select
    days.record_key as content_day_id,
    'news_site' as business_unit_code,
    {{ json_text('days.payload', 'channel_id') }} as content_id,
    cast({{ json_text('days.payload', 'day') }} as date) as content_date,
    cast(null as numeric) as view_count,
    cast(null as numeric) as watch_seconds,
    cast(null as numeric) as like_count,
    cast(null as numeric) as comment_count,
    cast(null as numeric) as share_count,
    {{ json_number('days.payload', 'subscribersGained') }} as subscribers_gained,
    {{ json_number('days.payload', 'subscribersLost') }} as subscribers_lost,
    cast(null as numeric) as revenue_amount,
    cast(null as text) as currency
from {{ current_versions('youtube', 'channel_days') }} as days
