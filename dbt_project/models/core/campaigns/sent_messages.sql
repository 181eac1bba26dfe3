{#
    A source tells what happened to a campaign's message to a person, and not to which of several: it is the last one before.
    So of a recipient of a campaign everything is read.
#}
{% set recipient = ['source_key', 'campaign_id', 'identifier_key'] %}
{{ config(
    unique_key=['source_key', 'message_event_id'],
    dirty_key=recipient,
    dirty_from={
        'fct_message_events': 'select ' ~ recipient | join(', ') ~ ' from {changed}'
            ~ ' where campaign_id is not null and identifier_key is not null',
        'mail_clicks': 'select ' ~ recipient | join(', ') ~ ' from {changed}',
        'dim_campaign': ['source_key', 'campaign_id'],
    },
    change_carries=['customer_key', 'sent_date'],
    indexes=[
        {'columns': recipient}, {'columns': ['source_key', 'campaign_id']}, {'columns': ['customer_key', 'sent_date']},
    ],
) }}

{% set of_recipient = 'events.' ~ recipient | join(', events.') %}

with events as (
    select
        events.source_key,
        events.message_event_id,
        events.campaign_id,
        events.identifier_key,
        events.customer_key,
        events.business_unit_code,
        events.channel_code,
        events.is_internal,
        events.kind_code,
        events.occurred_at,
        events.occurred_at_local,
        events.event_date,
        case
            when events.kind_code = 'clicked' and coalesce(events.is_machine, 0) = 0 and coalesce(clicks.is_machine, 0) = 0
                then 1
            else 0
        end as is_click,
        {# of some sources it is known what arrived, and not what was sent #}
        case
            when events.kind_code = 'sent' then 1
            when events.kind_code = 'delivered' and max(case when events.kind_code = 'sent' then 1 else 0 end) over (
                partition by {{ of_recipient }}
            ) = 0 then 1
            else 0
        end as is_message
    from {{ ref('fct_message_events') }} as events
    left join {{ ref('mail_clicks') }} as clicks
        on clicks.source_key = events.source_key
        and clicks.message_event_id = events.message_event_id
    where events.customer_key <> 'unknown'
        and events.campaign_id is not null
        and events.identifier_key is not null
        and events.occurred_at is not null
        and {{ is_dirty('events') }}
),

numbered as (
    select
        events.*,
        sum(events.is_message) over (
            partition by {{ of_recipient }}
            order by events.occurred_at, events.is_message desc, events.message_event_id
            rows unbounded preceding
        ) as message_number
    from events
),

messages as (
    select
        {{ recipient | join(', ') }},
        message_number,
        max(case when is_message = 1 then message_event_id end) as message_event_id,
        max(case when is_message = 1 then customer_key end) as customer_key,
        max(case when is_message = 1 then business_unit_code end) as business_unit_code,
        max(case when is_message = 1 then channel_code end) as channel_code,
        max(is_internal) as is_internal,
        max(case when is_message = 1 then occurred_at end) as sent_at,
        max(case when is_message = 1 then occurred_at_local end) as sent_at_local,
        max(case when is_message = 1 then event_date end) as sent_date,
        min(case when kind_code = 'delivered' then occurred_at end) as told_delivered_at,
        min(case when kind_code = 'delivered' then event_date end) as told_delivered_date,
        max(case when kind_code = 'bounced' then 1 else 0 end) as is_bounced,
        min(case when is_click = 1 then occurred_at end) as clicked_at,
        min(case when kind_code = 'unsubscribed' then occurred_at end) as unsubscribed_at,
        max(case when kind_code = 'complained' then 1 else 0 end) as is_complained_of
    from numbered
    where message_number > 0
    group by {{ recipient | join(', ') }}, message_number
)

select
    messages.source_key,
    messages.message_event_id,
    messages.campaign_id,
    messages.identifier_key,
    messages.customer_key,
    messages.business_unit_code,
    messages.channel_code,
    messages.is_internal,
    coalesce(campaigns.campaign_key, 'unknown') as campaign_key,
    coalesce(campaigns.kind_code, 'unknown') as campaign_kind_code,
    campaigns.category_name,
    campaigns.sku as product_code,
    campaigns.ended_date as campaign_ended_date,
    messages.sent_at,
    messages.sent_at_local,
    messages.sent_date,
    {# where no source tells of the delivery: what was sent and did not come back #}
    case when messages.told_delivered_at is not null then 1 else 1 - messages.is_bounced end as is_delivered,
    coalesce(messages.told_delivered_at, messages.sent_at) as delivered_at,
    coalesce(messages.told_delivered_date, messages.sent_date) as delivered_date,
    messages.clicked_at,
    messages.unsubscribed_at,
    messages.is_complained_of
from messages
left join {{ ref('dim_campaign') }} as campaigns
    on campaigns.source_key = messages.source_key
    and campaigns.campaign_id = messages.campaign_id
