{#
    The contacts of one kind in a fact: one branch of the union that `fct_interactions` is. ID is the fact's own
    key and AT the instant; `where` narrows it down to what is a contact, and any other column is given by name
    where the fact has it under another, or not at all. The branch reads dirty records only.
#}
{% macro contacts(kind, fact, id, at, where='true', join='') %}
    {%- set columns = {
        'customer_key': 'facts.customer_key', 'channel_code': 'facts.channel_code',
        'employee_key': "'unknown'", 'subject_code': 'cast(null as varchar)', 'outcome_code': 'cast(null as varchar)',
        'amount': 'cast(null as numeric)', 'currency': 'cast(null as varchar)',
    } -%}
    {%- do columns.update(kwargs) -%}
    select
        '{{ kind }}' as interaction_kind_code,
        facts.source_key,
        facts.{{ id }} as record_id,
        facts.business_unit_code,
        {{ at }} as occurred_at
        {%- for name, expression in columns.items() %},
        {{ expression }} as {{ name }}
        {%- endfor %}
    from {{ ref(fact) }} as facts
    {{ join }}
    where {{ at }} is not null and {{ where }} and {{ is_dirty('facts', ['source_key', id]) }}
{% endmacro %}

{# Whether what happened at an instant, after an order, did so before it was delivered. #}
{% macro is_under_way(orders, at) -%}
    case
        when {{ at }} <= {{ add_seconds(orders ~ '.ordered_at', orders ~ '.delivery_seconds') }} then 1
        {# nobody waits for ever for what no source says was delivered #}
        when {{ orders }}.delivery_seconds is null and {{ orders }}.status_code = 'open'
            and {{ seconds_between(orders ~ '.ordered_at', at) }} <= {{ var('stage_after_days') }} * 86400 then 1
        else 0
    end
{%- endmacro %}

{#
    Every contact of a customer, in one shape. A chat of twenty messages is two: the customer's, who opened it,
    and the company's, who answered. What customers view is in their visits; a payment is in its order, or made
    at the door; a credit note is no order, and its refund is here.
#}
{% macro contacts_of_all_kinds() %}
{{ contacts('order', 'fct_orders', 'order_id', 'facts.ordered_at', where="facts.status_code <> 'credit_note'",
    outcome_code='facts.status_code', amount='facts.gross_amount - facts.discount_amount + facts.shipping_amount + facts.tax_amount',
    currency='facts.currency') }}
union all
{{ contacts('delivery', 'fct_orders', 'order_id', add_seconds('facts.ordered_at', 'facts.delivery_seconds'),
    where='facts.delivery_seconds > 0',
    outcome_code="case facts.is_late_by_date when 1 then 'late' when 0 then 'in_time' else 'not_promised' end",
    amount='facts.gross_amount - facts.discount_amount + facts.shipping_amount + facts.tax_amount', currency='facts.currency') }}
union all
{{ contacts('refund', 'fct_payments', 'payment_id', 'facts.paid_at', where="facts.kind_code = 'refund'",
    join='left join ' ~ ref('fct_orders') ~ ' as orders on orders.source_key = facts.source_key'
        ~ ' and orders.order_id = facts.order_id',
    channel_code="coalesce(orders.channel_code, 'unknown')", amount='facts.amount', currency='facts.currency') }}
union all
{{ contacts('conversation', 'fct_conversations', 'conversation_id', 'facts.opened_at',
    subject_code='facts.topic_code', outcome_code='facts.status_code') }}
union all
{{ contacts('reply', 'fct_conversations', 'conversation_id',
    add_seconds('facts.opened_at', 'facts.first_response_any_seconds'),
    join='left join (' ~ first_answering_employees() ~ ') as answering on answering.source_key = facts.source_key'
        ~ ' and answering.conversation_id = facts.conversation_id',
    subject_code='facts.topic_code', employee_key="coalesce(answering.employee_key, 'unknown')") }}
union all
{{ contacts('survey', 'fct_feedback', 'feedback_id', 'facts.answered_at', where="facts.kind_code <> 'review'",
    subject_code='facts.kind_code', outcome_code='facts.band_code') }}
union all
{{ contacts('review', 'fct_feedback', 'feedback_id', 'facts.answered_at', where="facts.kind_code = 'review'",
    subject_code='facts.kind_code', outcome_code='facts.band_code') }}
union all
{%- for kind, told in [
    ('message_sent', ['sent']), ('message_opened', ['opened']), ('message_clicked', ['clicked']),
    ('message_refused', ['unsubscribed', 'complained']),
] %}
{# a mail programme that looks at each link before its owner does is nobody's contact #}
{{ contacts(kind, 'fct_message_events', 'message_event_id', 'facts.occurred_at',
    where="facts.is_machine = 0 and facts.kind_code in ('" ~ told | join("', '") ~ "')",
    join='left join ' ~ ref('dim_campaign') ~ ' as campaigns on campaigns.campaign_key = facts.campaign_key',
    subject_code='campaigns.kind_code', outcome_code='facts.kind_code') }}
union all
{%- endfor %}
{{ contacts('content', 'fct_content_events', 'content_event_id', 'facts.occurred_at',
    where="facts.kind_code not in ('view', 'remove', 'moderate')", subject_code='facts.kind_code') }}
union all
{{ contacts('booking', 'fct_bookings', 'booking_id', 'facts.requested_at', channel_code="'unknown'",
    outcome_code='facts.status_code', amount='facts.amount', currency='facts.currency') }}
union all
{{ contacts('booking_received', 'fct_bookings', 'booking_id', 'facts.requested_at', channel_code="'unknown'",
    where='facts.seller_identifier_key is not null', customer_key='facts.seller_customer_key',
    outcome_code='facts.status_code', amount='facts.amount', currency='facts.currency') }}
union all
{{ contacts('subscription_started', 'fct_subscriptions', 'subscription_id',
    'coalesce(facts.started_at, facts.effective_at)', where='facts.version_number = 1', channel_code="'unknown'",
    outcome_code='facts.status_code', amount='facts.monthly_amount', currency='facts.currency') }}
union all
{{ contacts('subscription_cancelled', 'fct_subscriptions', 'subscription_id', 'facts.cancelled_at',
    where='facts.is_current = 1', channel_code="'unknown'",
    outcome_code="case when facts.is_involuntary = 1 then 'involuntary' else 'voluntary' end") }}
union all
{{ contacts('cart_left', 'fct_carts', 'cart_id', 'facts.last_active_at',
    where=is_cart_left('facts') ~ ' and facts.last_active_date <= '
        ~ carts_left_until(ref('fct_orders'), ref('fct_sessions'), ref('fct_carts')), outcome_code="'abandoned'",
    amount='facts.amount', currency='facts.currency') }}
union all
{{ contacts('invite_sent', 'fct_invites', 'invite_id', 'facts.sent_at') }}
union all
{{ contacts('invite_accepted', 'fct_invites', 'invite_id', 'facts.accepted_at',
    where='facts.invitee_identifier_key is not null', customer_key='facts.invitee_customer_key') }}
union all
{# a decision is made where it was asked for, and not on the channel that it is about; nobody makes an import #}
{{ contacts('consent', 'fct_consents', 'consent_id', 'facts.decided_at',
    where="coalesce(facts.origin_code, 'unknown') <> 'import'",
    channel_code="case facts.origin_code when 'form' then 'website' when 'store' then 'counter' when 'call' then 'phone'"
        ~ " when 'email' then 'email' else 'unknown' end",
    subject_code='facts.purpose_code',
    outcome_code="case when facts.is_granted = 1 then 'granted' else 'withdrawn' end") }}
union all
{# a machine visits nobody, and nobody stays for a day #}
{{ contacts('visit', 'fct_sessions', 'session_key', 'facts.started_at',
    where='facts.is_bot = 0 and facts.is_quarantined = 0') }}
{% endmacro %}

{# Whether a cart became no order; whether it will, only a day of silence tells. #}
{% macro is_cart_left(carts) -%}
    {{ carts }}.completed_date is null and {{ carts }}.order_id is null
{%- endmacro %}

{#
    The last day on which a cart that was touched then has been silent for 24 hours. What is known ends with the latest
    day of what customers do, and before the day of the build; by days, so that no clock is asked.
#}
{% macro carts_left_until(orders, sessions, carts) -%}
    least(
        (
            select max(last_days.last_day)
            from (
                select max(order_date) as last_day from {{ orders }}
                union all
                select max(session_date) as last_day from {{ sessions }}
                union all
                select max(last_active_date) as last_day from {{ carts }}
            ) as last_days
        ) - 1,
        {{ batch_date("'" ~ var('company_time_zone') ~ "'") }} - 2
    )
{%- endmacro %}

{#
    What makes the contact of a cart dirty: its own change, and that the known days have moved over it, or back. All
    that were left by the latest day of them are told, so that only younger ones are looked at.
#}
{% macro dirty_carts() -%}
    {%- set until = carts_left_until('core.fct_orders', 'core.fct_sessions', 'core.fct_carts') -%}
    select source_key, cart_id as record_id from {changed}
    union all
    select c.source_key, c.cart_id
    from core.fct_carts as c
    where {{ is_cart_left('c') }} and c.last_active_date <= {{ until }}
        and c.last_active_date > coalesce(
            (select max(t.occurred_date) from {this} as t where t.interaction_kind_code = 'cart_left'), '-infinity'
        )
    union all
    select t.source_key, t.record_id
    from {this} as t
    where t.interaction_kind_code = 'cart_left' and t.occurred_date > {{ until }}
{%- endmacro %}

{# Who of the company was the first to answer a conversation, where its messages say it. #}
{% macro first_answering_employees() %}
    select source_key, conversation_id, employee_key
    from (
        select
            messages.source_key,
            messages.conversation_id,
            messages.employee_key,
            row_number() over (
                partition by messages.source_key, messages.conversation_id
                order by messages.sent_at, messages.message_id
            ) as place
        from {{ ref('fct_messages') }} as messages
        where messages.author_kind_code <> 'customer'
            and messages.is_public = 1
            and messages.employee_key <> 'unknown'
            and {{ is_dirty('messages', ['source_key', 'conversation_id']) }}
    ) as ranked
    where place = 1
{% endmacro %}

{# What makes an interaction dirty: a change of the record that it was made from. #}
{% macro dirty_contacts(facts) %}
    {%- set found = {} -%}
    {%- for fact, id in facts.items() -%}
        {%- do found.update({fact: 'select source_key, ' ~ id ~ ' as record_id from {changed} where ' ~ id ~ ' is not null'}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#
    The day on which nothing is known yet, over all contacts: the day after the latest, and the day of the build
    is never complete. Silence is measured up to it, and never up to the clock.
#}
{% macro silent_since(interactions) -%}
    least(
        (select max(occurred_date) from {{ interactions }}) + 1,
        {{ batch_date("'" ~ var('company_time_zone') ~ "'") }}
    )
{%- endmacro %}

{# 1 until a journey's silence has been seen in full. #}
{% macro is_still_open(ended_date, interactions) -%}
    case when {{ add_days(ended_date, var('journey_gap_days') + 1) }} > {{ silent_since(interactions) }} then 1 else 0 end
{%- endmacro %}
