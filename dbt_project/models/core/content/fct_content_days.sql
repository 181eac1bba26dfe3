{{ config(
    unique_key=['source_key', 'content_day_id'],
    dirty_from=dirty_by('content_days', 'content_day_id', of=['content']),
    change_carries=['business_unit_code', 'content_date'],
    indexes=[{'columns': ['source_key', 'content_id']}, {'columns': ['content_date']}],
) }}

select
    {{ stamped('content_days') }},
    content_days.content_day_id,
    coalesce(content.content_key, 'unknown') as content_key,
    content_days.content_id,
    content_days.content_date,
    content_days.view_count,
    content_days.watch_seconds,
    content_days.like_count,
    content_days.comment_count,
    content_days.share_count,
    content_days.subscribers_gained,
    content_days.subscribers_lost,
    coalesce(content_days.currency, units.currency) as currency,
    content_days.revenue_amount
from {{ ref('int_content_days_unioned') }} as content_days
{{ join_unit('content_days') }}
{{ join_own_dimension('content', 'content_days') }}
where {{ is_dirty('content_days') }}
