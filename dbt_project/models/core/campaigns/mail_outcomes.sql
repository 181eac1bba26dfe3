{{ config(
    unique_key=['source_key', 'campaign_id', 'identifier_key'],
    dirty_key=['source_key', 'campaign_id'],
    dirty_from={
        'fct_message_events': 'select source_key, campaign_id from {changed} where campaign_id is not null',
        'mail_clicks': 'select source_key, campaign_id from {changed}',
        'dim_campaign': ['source_key', 'campaign_id'],
    },
    change_carries=['business_unit_code', 'sent_date'],
    indexes=[{'columns': ['sent_date']}],
) }}

with mails as (
    select
        events.source_key,
        events.campaign_id,
        events.identifier_key,
        min(events.customer_key) as customer_key,
        min(events.business_unit_code) as business_unit_code,
        max(events.is_internal) as is_internal,
        min(case when events.kind_code in ('sent', 'delivered') then events.event_date end) as sent_date,
        {# where no source tells of the delivery: what was sent and did not come back #}
        case
            when max(case when events.kind_code = 'delivered' then 1 else 0 end) = 1 then 1
            else 1 - max(case when events.kind_code = 'bounced' then 1 else 0 end)
        end as is_delivered,
        max(case when events.kind_code = 'opened' and events.is_machine = 0 then 1 else 0 end) as is_opened
    from {{ ref('fct_message_events') }} as events
    where events.channel_code = 'email'
        and events.campaign_id is not null
        and events.identifier_key is not null
        and events.occurred_at is not null
        and {{ is_dirty('events') }}
    group by events.source_key, events.campaign_id, events.identifier_key
    having max(case when events.kind_code in ('sent', 'delivered') then 1 else 0 end) = 1
),

clicked as (
    select
        clicks.source_key,
        clicks.campaign_id,
        clicks.identifier_key,
        sum(1 - clicks.is_machine) as human_click_count,
        sum(clicks.is_machine) as machine_click_count
    from {{ ref('mail_clicks') }} as clicks
    where {{ is_dirty('clicks') }}
    group by clicks.source_key, clicks.campaign_id, clicks.identifier_key
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
