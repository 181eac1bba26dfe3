{{ config(
    unique_key=['source_key', 'content_event_id'],
    dirty_from=dirty_by('content_events', 'content_event_id', person=true, of=['content']),
    change_carries=['customer_key', 'business_unit_code', 'event_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['event_date']},
        {'columns': ['source_key', 'content_id']}, {'columns': ['business_unit_code', 'event_date']},
    ],
) }}

select
    {{ stamped_with_person('content_events') }},
    {{ known_channel() }},
    content_events.content_event_id,
    coalesce(content.content_key, 'unknown') as content_key,
    content_events.content_id,
    content_events.anonymous_id,
    content_events.kind_code,
    content_events.parent_event_id,
    length(content_events.body_text) as text_length,
    content_events.amount,
    content_events.occurred_at,
    {{ local_time('content_events.occurred_at', 'units.time_zone') }} as occurred_at_local,
    {{ local_date('content_events.occurred_at', 'units.time_zone') }} as event_date
from {{ ref('int_content_events_unioned') }} as content_events
{{ join_unit('content_events') }}
{{ join_person('content_events') }}
{{ join_channel('content_events') }}
{{ join_own_dimension('content', 'content_events') }}
where {{ is_dirty('content_events') }}
