{{ config(
    unique_key=['source_key', 'message_event_id'],
    dirty_from=dirty_by('message_events', 'message_event_id', person=true, of=['campaign']),
    change_carries=['customer_key', 'business_unit_code', 'event_date', 'campaign_id', 'identifier_key'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['event_date']},
        {'columns': ['source_key', 'campaign_id']}, {'columns': ['business_unit_code', 'event_date']},
    ],
) }}

select
    {{ stamped_with_person('message_events') }},
    {{ known_channel() }},
    message_events.message_event_id,
    coalesce(campaign.campaign_key, 'unknown') as campaign_key,
    message_events.campaign_id,
    message_events.kind_code,
    message_events.is_machine,
    {{ url_path('left(message_events.url, 2000)') }} as link_path,
    message_events.occurred_at,
    {{ local_time('message_events.occurred_at', 'units.time_zone') }} as occurred_at_local,
    {{ local_date('message_events.occurred_at', 'units.time_zone') }} as event_date
from {{ ref('int_message_events_unioned') }} as message_events
{{ join_unit('message_events') }}
{{ join_person('message_events') }}
{{ join_channel('message_events') }}
{{ join_own_dimension('campaign', 'message_events') }}
where {{ is_dirty('message_events') }}
