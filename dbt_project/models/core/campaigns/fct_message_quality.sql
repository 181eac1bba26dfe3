{#
    A message is judged by what was known when it was sent: what comes before it makes it dirty, and of what comes after
    it only what it did. Whatever changes of a customer reaches those of their messages that are later.
#}
{% set later = 'select t.customer_key, t.sent_date from {this} as t inner join {changed}'
    ~ ' on t.customer_key = changed_rows.customer_key and ' %}
{{ config(
    unique_key=['source_key', 'message_event_id'],
    dirty_key=['customer_key', 'sent_date'],
    dirty_from={
        'sent_messages': 'select customer_key, sent_date from {changed} union '
            ~ later ~ 't.sent_date >= changed_rows.sent_date - 1',
        'fct_consents': later ~ '(changed_rows.decided_date is null or t.sent_date >= changed_rows.decided_date - 1)',
        'product_interests': later
            ~ 't.sent_date > changed_rows.interest_date and t.sent_date <= changed_rows.interest_date + 90',
        'fct_sessions': later
            ~ 't.delivered_date >= changed_rows.session_date - 1 and t.delivered_date <= changed_rows.session_date',
    },
    change_carries=['customer_key', 'business_unit_code', 'sent_date'],
    indexes=[{'columns': ['customer_key', 'sent_date']}, {'columns': ['sent_date']}],
) }}

{% set message = 'sent.source_key, sent.message_event_id' %}
{# of what no source says what it is, it is taken for marketing #}
{% set left_out = "('transactional', 'service')" %}
{# in the order in which they came, of two at one instant by their ids #}
{% set is_no_later -%}
    earlier.customer_key = sent.customer_key
        and earlier.sent_date <= {{ add_days('sent.sent_date', 1) }}
        and (
            earlier.sent_at < sent.sent_at
            or (
                earlier.sent_at = sent.sent_at
                and earlier.source_key || ':' || earlier.message_event_id <= sent.source_key || ':' || sent.message_event_id
            )
        )
        and earlier.campaign_kind_code not in {{ left_out }}
{%- endset %}

with sent as {{ computed_once() }} (
    select
        messages.*,
        case messages.campaign_kind_code when 'notification' then null when 'survey' then 'survey' else 'marketing' end
            as purpose_code
    from {{ ref('sent_messages') }} as messages
    where messages.campaign_kind_code not in {{ left_out }}
        and {{ is_dirty('messages') }}
),

week as (
    {# what the customer was sent in the seven days that end with the message, itself included #}
    select
        {{ message }},
        sum(case when earlier.channel_code = sent.channel_code then 1 else 0 end) as on_channel,
        sum(case when earlier.campaign_key = sent.campaign_key then 1 else 0 end) as of_campaign,
        sum(case when earlier.campaign_kind_code = 'survey' then 1 else 0 end) as of_surveys
    from sent
    inner join {{ ref('sent_messages') }} as earlier
        on {{ is_no_later }}
        and earlier.sent_date >= {{ add_days('sent.sent_date', -8) }}
        and earlier.sent_at > {{ add_seconds('sent.sent_at', -7 * 86400) }}
    group by {{ message }}
),

shown as (
    {# how often the product was shown before, and whether anybody looked #}
    select
        {{ message }},
        count(*) as time_count,
        max(case when earlier.clicked_at <= sent.sent_at then 1 else 0 end) as is_clicked
    from sent
    inner join {{ ref('sent_messages') }} as earlier
        on {{ is_no_later }}
        and earlier.product_code = sent.product_code
        and not (earlier.source_key = sent.source_key and earlier.message_event_id = sent.message_event_id)
    where sent.product_code is not null
    group by {{ message }}
),

switched_off as (
    select distinct {{ message }}
    from sent
    inner join {{ ref('sent_messages') }} as earlier
        on earlier.source_key = sent.source_key
        and earlier.campaign_id = sent.campaign_id
        and earlier.identifier_key = sent.identifier_key
        and earlier.unsubscribed_at <= sent.sent_at
    where sent.purpose_code is null
),

words as (
    {# the last word by then of each unit and channel; of two at one instant the refusal #}
    select
        {{ message }},
        sent.purpose_code,
        sent.channel_code,
        consents.channel_code as scope_code,
        consents.is_granted,
        row_number() over (
            partition by {{ message }}, consents.business_unit_code, consents.channel_code
            order by consents.decided_at desc nulls last, consents.is_granted
        ) as recency
    from sent
    inner join {{ ref('fct_consents') }} as consents
        on consents.customer_key = sent.customer_key
        and consents.purpose_code = sent.purpose_code
        and (consents.decided_at is null or consents.decided_at <= sent.sent_at)
),

consented as (
    {# as `consents_in_force` has it by day: a refusal that does not say where is one everywhere, such a grant opens no channel #}
    select
        source_key,
        message_event_id,
        case
            when purpose_code <> 'marketing' then min(is_granted)
            when min(case when scope_code = 'unknown' then is_granted end) = 0 then 0
            else min(case when scope_code = channel_code and scope_code <> 'unknown' then is_granted end)
        end as is_granted
    from words
    where recency = 1
    group by source_key, message_event_id, purpose_code
),

interests as (
    {# until the day before: what a message itself made somebody look at is no interest of theirs before it #}
    select
        {{ message }},
        max(case
            when interests.product_code = sent.product_code then 1
            when lower(interests.category_name) = lower(sent.category_name) then 1
            else 0
        end) as is_met,
        max(case
            when interests.product_code = sent.product_code and interests.is_bought = 1
                and interests.interest_date >= {{ add_days('sent.sent_date', -30) }} then 1
            else 0
        end) as is_bought,
        max(case
            when interests.product_code = sent.product_code and interests.is_viewed = 1
                and interests.interest_date >= {{ add_days('sent.sent_date', -7) }} then 1
            else 0
        end) as is_viewed
    from sent
    inner join {{ ref('product_interests') }} as interests
        on interests.customer_key = sent.customer_key
        and interests.interest_date >= {{ add_days('sent.sent_date', -90) }}
        and interests.interest_date < sent.sent_date
    where sent.product_code is not null or sent.category_name is not null
    group by {{ message }}
),

visited as (
    select distinct {{ message }}
    from sent
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.customer_key = sent.customer_key
        and sessions.business_unit_code = sent.business_unit_code
        and sessions.session_date >= sent.delivered_date
        and sessions.session_date <= {{ add_days('sent.delivered_date', 1) }}
        and sessions.started_at >= sent.delivered_at
        and sessions.started_at < {{ add_seconds('sent.delivered_at', 86400) }}
    where sessions.is_counted = 1
),

judged as (
    select
        sent.*,
        case
            when switched_off.message_event_id is not null then 'no_consent'
            when sent.purpose_code = 'marketing' and coalesce(consented.is_granted, 0) = 0 then 'no_consent'
            {# who is asked what they think, or told what was answered them, did something first: there a refusal counts #}
            when consented.is_granted = 0 then 'no_consent'
            when week.on_channel > {{ var('channel_messages_a_week') }} then 'over_cap'
            when week.of_campaign >= 4 then 'repeat'
            when sent.campaign_kind_code = 'survey' and week.of_surveys >= 2 then 'repeat'
            when interests.is_bought = 1 then 'already_bought'
            when shown.time_count >= 3 and shown.is_clicked = 0 then 'already_seen_no_interest'
            when sent.purpose_code = 'marketing' and interests.is_viewed = 1 then 'viewed_retarget'
            when (sent.product_code is not null or sent.category_name is not null) and coalesce(interests.is_met, 0) = 0
                then 'off_interest'
            when sent.sent_date > sent.campaign_ended_date then 'stale'
            when sent.is_complained_of = 1 then 'other'
            else 'signal'
        end as kind_code,
        case
            when sent.is_delivered = 0 then 0
            when sent.clicked_at < {{ add_seconds('sent.delivered_at', 86400) }} then 1
            when visited.message_event_id is not null then 1
            else 0
        end as is_answered
    from sent
    inner join week on week.source_key = sent.source_key and week.message_event_id = sent.message_event_id
    {%- for rule in ['shown', 'switched_off', 'consented', 'interests', 'visited'] %}
    left join {{ rule }}
        on {{ rule }}.source_key = sent.source_key
        and {{ rule }}.message_event_id = sent.message_event_id
    {%- endfor %}
)

select
    source_key,
    message_event_id,
    campaign_key,
    business_unit_code,
    channel_code,
    customer_key,
    identifier_key,
    is_internal,
    campaign_kind_code,
    category_name,
    product_code,
    sent_at,
    sent_at_local,
    sent_date,
    delivered_date,
    is_delivered,
    kind_code,
    case when kind_code = 'signal' then 1 else 0 end as is_signal,
    is_answered
from judged
