{#
    Which clicks are a machine's shows in all that happened to a mail, and how many links it had in what everybody
    clicked: of a dirty campaign everything is read.
#}
{{ config(
    unique_key=['source_key', 'message_event_id'],
    dirty_key=['source_key', 'campaign_id'],
    dirty_from={
        'fct_message_events': 'select source_key, campaign_id from {changed} where campaign_id is not null',
    },
    change_carries=['campaign_id', 'identifier_key'],
    indexes=[{'columns': ['source_key', 'campaign_id', 'identifier_key']}],
) }}

{% set machine_seconds = 2 %}
{% set burst_seconds = 10 %}

with events as (
    select
        events.source_key,
        events.campaign_id,
        events.identifier_key,
        events.kind_code,
        events.is_machine,
        coalesce(events.link_path, '') as link_path,
        events.message_event_id,
        events.occurred_at
    from {{ ref('fct_message_events') }} as events
    where events.channel_code = 'email'
        and events.kind_code in ('sent', 'delivered', 'clicked')
        and events.campaign_id is not null
        and events.identifier_key is not null
        and events.occurred_at is not null
        and {{ is_dirty('events') }}
),

mails as (
    {# when a mail came, said of each thing that happened to it #}
    select
        events.*,
        coalesce(
            min(case when kind_code = 'delivered' then occurred_at end) over (
                partition by source_key, campaign_id, identifier_key
            ),
            min(case when kind_code = 'sent' then occurred_at end) over (
                partition by source_key, campaign_id, identifier_key
            )
        ) as delivered_at
    from events
),

clicks as {{ computed_once() }} (
    select *
    from mails
    where kind_code = 'clicked' and delivered_at is not null
),

links as (
    select source_key, campaign_id, count(distinct link_path) as link_count
    from clicks
    group by source_key, campaign_id
),

bursts as (
    {# nobody opens four links in five of a mail within ten seconds; a mail with one link cannot tell #}
    select
        first_clicks.source_key,
        first_clicks.campaign_id,
        first_clicks.identifier_key,
        first_clicks.message_event_id,
        first_clicks.occurred_at as begins_at
    from clicks as first_clicks
    inner join clicks as following
        on following.source_key = first_clicks.source_key
        and following.campaign_id = first_clicks.campaign_id
        and following.identifier_key = first_clicks.identifier_key
        and following.occurred_at >= first_clicks.occurred_at
        and following.occurred_at <= first_clicks.occurred_at + interval '{{ burst_seconds }} seconds'
    inner join links
        on links.source_key = first_clicks.source_key
        and links.campaign_id = first_clicks.campaign_id
    group by
        first_clicks.source_key, first_clicks.campaign_id, first_clicks.identifier_key, first_clicks.message_event_id,
        first_clicks.occurred_at, links.link_count
    having count(distinct following.link_path) >= 2
        and count(distinct following.link_path) * 5 >= links.link_count * 4
),

burst_clicks as (
    select distinct clicks.source_key, clicks.message_event_id
    from bursts
    inner join clicks
        on clicks.source_key = bursts.source_key
        and clicks.campaign_id = bursts.campaign_id
        and clicks.identifier_key = bursts.identifier_key
        and clicks.occurred_at >= bursts.begins_at
        and clicks.occurred_at <= bursts.begins_at + interval '{{ burst_seconds }} seconds'
)

select
    clicks.source_key,
    clicks.message_event_id,
    clicks.campaign_id,
    clicks.identifier_key,
    case
        when clicks.is_machine = 1 then 1
        when clicks.occurred_at <= clicks.delivered_at + interval '{{ machine_seconds }} seconds' then 1
        when burst_clicks.message_event_id is not null then 1
        else 0
    end as is_machine
from clicks
left join burst_clicks
    on burst_clicks.source_key = clicks.source_key
    and burst_clicks.message_event_id = clicks.message_event_id
