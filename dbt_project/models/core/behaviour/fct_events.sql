{{ config(
    unique_key=['source_key', 'event_id'],
    dirty_from=dirty_by('events', 'event_id', person=true),
    change_carries=['customer_key', 'business_unit_code', 'event_date', 'visitor_key'],
    lies_by=['visitor_key', 'occurred_at'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['event_date']},
        {'columns': ['visitor_key', 'event_date']}, {'columns': ['order_id']},
    ],
) }}

select
    {{ stamped_with_person('events') }},
    {{ known_channel() }},
    events.event_id,
    {{ visitor_key('events') }} as visitor_key,
    events.anonymous_id,
    events.session_id,
    events.kind_code,
    {# a page's name is whatever the shop calls it #}
    {{ masked('events.event_name') }} as event_name,
    events.platform_code,
    events.device_code,
    events.is_bot,
    {{ url_path('left(events.url, 2000)') }} as page_path,
    {{ url_host('left(events.url, 2000)') }} as page_host,
    {{ url_host('left(events.referrer, 2000)') }} as referrer_host,
    {{ masked('left(events.search_term, 200)') }} as search_term,
    events.result_count,
    events.result_position,
    events.product_id,
    events.order_id,
    events.content_id,
    events.listing_id,
    events.campaign_id,
    {{ masked_code('events.utm_source') }} as utm_source,
    {{ masked_code('events.utm_medium') }} as utm_medium,
    {{ masked_code('events.utm_campaign') }} as utm_campaign,
    events.experiment_id,
    events.variation_code,
    events.amount,
    events.active_seconds,
    events.ad_pixels,
    events.viewport_pixels,
    {{ seconds_between('events.occurred_at', 'events.received_at') }} as arrival_seconds,
    events.occurred_at,
    {{ local_time('events.occurred_at', 'units.time_zone') }} as occurred_at_local,
    {{ local_date('events.occurred_at', 'units.time_zone') }} as event_date
from {{ ref('int_events_unioned') }} as events
{{ join_unit('events') }}
{{ join_person('events') }}
{{ join_channel('events') }}
where {{ is_dirty('events') }}
