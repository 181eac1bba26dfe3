{#
    Which clicks are a machine's shows in all that happened to a mail, and how many links it had in what everybody
    clicked: of a dirty campaign everything is read.
#}
{{ config(
    unique_key=['source_key', 'campaign_id', 'identifier_key'],
    dirty_key=['source_key', 'campaign_id'],
    dirty_from={
        'fct_message_events': 'select source_key, campaign_id from {changed} where campaign_id is not null',
        'dim_campaign': ['source_key', 'campaign_id'],
    },
    change_carries=['business_unit_code', 'sent_date'],
    indexes=[{'columns': ['sent_date']}],
) }}

{% set machine_seconds = 2 %}
{% set burst_seconds = 10 %}

with events as (
    select
        events.source_key,
        events.campaign_id,
        events.identifier_key,
        events.customer_key,
        events.business_unit_code,
        events.kind_code,
        events.is_machine,
        events.is_internal,
        coalesce(events.link_path, '') as link_path,
        events.message_event_id,
        events.occurred_at,
        events.event_date
    from {{ ref('fct_message_events') }} as events
    where events.channel_code = 'email'
        and events.campaign_id is not null
        and events.identifier_key is not null
        and events.occurred_at is not null
        and {{ is_dirty('events') }}
),

mails as (
    select
        source_key,
        campaign_id,
        identifier_key,
        min(customer_key) as customer_key,
        min(business_unit_code) as business_unit_code,
        max(is_internal) as is_internal,
        min(case when kind_code in ('sent', 'delivered') then event_date end) as sent_date,
        coalesce(
            min(case when kind_code = 'delivered' then occurred_at end),
            min(case when kind_code = 'sent' then occurred_at end)
        ) as delivered_at,
        {# where no source tells of the delivery: what was sent and did not come back #}
        case
            when max(case when kind_code = 'delivered' then 1 else 0 end) = 1 then 1
            else 1 - max(case when kind_code = 'bounced' then 1 else 0 end)
        end as is_delivered,
        max(case when kind_code = 'opened' and is_machine = 0 then 1 else 0 end) as is_opened
    from events
    group by source_key, campaign_id, identifier_key
    having max(case when kind_code in ('sent', 'delivered') then 1 else 0 end) = 1
),

clicks as (
    select
        events.*,
        mails.delivered_at
    from events
    inner join mails
        on mails.source_key = events.source_key
        and mails.campaign_id = events.campaign_id
        and mails.identifier_key = events.identifier_key
    where events.kind_code = 'clicked'
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

judged as (
    select
        clicks.source_key,
        clicks.campaign_id,
        clicks.identifier_key,
        case
            when clicks.is_machine = 1 then 1
            when clicks.occurred_at <= clicks.delivered_at + interval '{{ machine_seconds }} seconds' then 1
            when exists (
                select 1
                from bursts
                where bursts.source_key = clicks.source_key
                    and bursts.campaign_id = clicks.campaign_id
                    and bursts.identifier_key = clicks.identifier_key
                    and clicks.occurred_at >= bursts.begins_at
                    and clicks.occurred_at <= bursts.begins_at + interval '{{ burst_seconds }} seconds'
            ) then 1
            else 0
        end as is_machine
    from clicks
),

clicked as (
    select
        source_key,
        campaign_id,
        identifier_key,
        sum(1 - is_machine) as human_click_count,
        sum(is_machine) as machine_click_count
    from judged
    group by source_key, campaign_id, identifier_key
)

select
    mails.source_key,
    mails.campaign_id,
    mails.identifier_key,
    mails.customer_key,
    mails.business_unit_code,
    coalesce(campaigns.kind_code, 'unknown') as campaign_kind_code,
    mails.is_internal,
    mails.sent_date,
    mails.is_delivered,
    {# who clicked has seen it, whether or not the picture that counts openings was loaded #}
    case when clicked.human_click_count > 0 then 1 else mails.is_opened end as is_opened,
    coalesce(clicked.human_click_count, 0) as human_click_count,
    coalesce(clicked.machine_click_count, 0) as machine_click_count
from mails
left join clicked
    on clicked.source_key = mails.source_key
    and clicked.campaign_id = mails.campaign_id
    and clicked.identifier_key = mails.identifier_key
left join {{ ref('dim_campaign') }} as campaigns
    on campaigns.source_key = mails.source_key
    and campaigns.campaign_id = mails.campaign_id
