{{ config(
    unique_key=['content_key'],
    dirty_key=['source_key', 'content_id'],
    dirty_from=dirty_by('contents', 'content_id', person=true),
    change_carries=['source_key', 'content_id', 'business_unit_code', 'customer_key', 'published_date'],
    indexes=[{'columns': ['source_key', 'content_id']}, {'columns': ['identifier_key']}, {'columns': ['customer_key']}],
) }}

select
    {{ stamped_with_person('contents') }},
    {{ known_channel() }},
    contents.source_key || ':' || contents.content_id as content_key,
    contents.content_id,
    contents.kind_code,
    {{ masked('left(contents.title, 500)') }} as title,
    contents.topic_code,
    contents.duration_seconds,
    contents.word_count,
    contents.is_paywalled,
    {{ local_time('contents.published_at', 'units.time_zone') }} as published_at_local,
    {{ local_date('contents.published_at', 'units.time_zone') }} as published_date,
    {{ local_date('contents.removed_at', 'units.time_zone') }} as removed_date
from {{ ref('int_contents_unioned') }} as contents
{{ join_unit('contents') }}
{{ join_person('contents') }}
{{ join_channel('contents') }}
where {{ is_dirty('contents') }}
union all
select *
from (
    select
        'unknown' as source_key,
        'unknown' as business_unit_code,
        'unknown' as customer_key,
        cast(null as varchar) as identifier_key,
        0 as is_internal,
        'unknown' as channel_code,
        'unknown' as content_key,
        'unknown' as content_id,
        'unknown' as kind_code,
        'Chưa xác định / Unknown' as title,
        cast(null as varchar) as topic_code,
        cast(null as numeric) as duration_seconds,
        cast(null as numeric) as word_count,
        cast(null as integer) as is_paywalled,
        cast(null as timestamp) as published_at_local,
        cast(null as date) as published_date,
        cast(null as date) as removed_date
) as unknown_member
where {{ is_dirty('unknown_member') }}
