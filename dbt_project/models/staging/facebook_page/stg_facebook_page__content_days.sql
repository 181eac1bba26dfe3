select
    days.record_key as content_day_id,
    'shop_online' as business_unit_code,
    {{ json_text('days.payload', 'post_id') }} as content_id,
    cast({{ json_text('days.payload', 'day') }} as date) as content_date,
    {{ json_number('days.payload', 'values.post_media_view') }} as view_count,
    {{ json_number('days.payload', 'values.post_video_view_time') }} / 1000 as watch_seconds,
    {{ json_number('days.payload', 'values.post_reactions_like_total') }} as like_count,
    {{ json_number('days.payload', 'values.post_activity_by_action_type.comment') }} as comment_count,
    {{ json_number('days.payload', 'values.post_activity_by_action_type.share') }} as share_count,
    cast(null as numeric) as subscribers_gained,
    cast(null as numeric) as subscribers_lost,
    cast(null as numeric) as revenue_amount,
    cast(null as text) as currency
from {{ current_versions('facebook_page', 'post_insights') }} as days
union all
{# the Page's views hold those of its posts: only what is its own is told of it #}
select
    days.record_key as content_day_id,
    'shop_online' as business_unit_code,
    {{ json_text('days.payload', 'page_id') }} as content_id,
    cast({{ json_text('days.payload', 'day') }} as date) as content_date,
    cast(null as numeric) as view_count,
    cast(null as numeric) as watch_seconds,
    cast(null as numeric) as like_count,
    cast(null as numeric) as comment_count,
    cast(null as numeric) as share_count,
    {{ json_number('days.payload', 'values.page_daily_follows_unique') }} as subscribers_gained,
    {{ json_number('days.payload', 'values.page_daily_unfollows_unique') }} as subscribers_lost,
    cast(null as numeric) as revenue_amount,
    cast(null as text) as currency
from {{ current_versions('facebook_page', 'page_insights') }} as days
