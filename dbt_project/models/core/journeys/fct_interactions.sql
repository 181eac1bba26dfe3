{# of a customer, only whether they are of the company matters here #}
{{ config(
    unique_key=['interaction_id'],
    dirty_key=['source_key', 'record_id'],
    dirty_from=dict(
        dirty_contacts({
            'fct_payments': 'payment_id', 'fct_conversations': 'conversation_id', 'fct_messages': 'conversation_id',
            'fct_feedback': 'feedback_id', 'fct_message_events': 'message_event_id', 'fct_bookings': 'booking_id',
            'fct_content_events': 'content_event_id', 'fct_subscriptions': 'subscription_id',
            'fct_invites': 'invite_id', 'fct_consents': 'consent_id',
            'fct_sessions': 'session_key',
        }),
        fct_orders="select source_key, order_id as record_id from {changed}"
            ~ " union all select p.source_key, p.payment_id from core.fct_payments as p inner join {changed}"
            ~ " on p.source_key = changed_rows.source_key and p.order_id = changed_rows.order_id"
            ~ " union all select t.source_key, t.record_id from {this} as t where t.stage_rule_code in ('order', 'none')"
            ~ " and t.customer_key in (select customer_key from {changed} where customer_key <> 'unknown')",
        fct_carts=dirty_carts(),
        dim_campaign="select m.source_key, m.message_event_id as record_id from core.fct_message_events as m"
            ~ " inner join {changed} on m.source_key = changed_rows.source_key and m.campaign_id = changed_rows.campaign_id",
        dim_customer="select t.source_key, t.record_id from {this} as t where t.customer_key in ("
            ~ "select customer_key from {changed} group by customer_key"
            ~ " having count(distinct is_internal) > 1 or bool_or(op <> 'u'))",
        dim_business_unit=['business_unit_code'],
    ),
    change_carries=['source_key', 'record_id', 'customer_key', 'business_unit_code', 'occurred_date'],
    indexes=[
        {'columns': ['source_key', 'record_id']}, {'columns': ['customer_key']}, {'columns': ['occurred_date']},
        {'columns': ['business_unit_code', 'occurred_date']},
    ],
) }}

with contacts as (
    {{ contacts_of_all_kinds() }}
),

placed as (
    select
        contacts.*,
        kinds.direction_code,
        coalesce(exact.touchpoint_code, others.touchpoint_code) as touchpoint_code,
        coalesce(tags.journey_stage_code, exact.journey_stage_code, others.journey_stage_code) as stage_code,
        case
            when tags.journey_stage_code is not null then 'tag'
            when coalesce(exact.journey_stage_code, others.journey_stage_code) is not null then 'touchpoint'
        end as rule_code
    from contacts
    inner join {{ ref('interaction_kinds') }} as kinds on kinds.interaction_kind_code = contacts.interaction_kind_code
    left join {{ ref('touchpoints') }} as exact
        on exact.interaction_kind_code = contacts.interaction_kind_code
        and exact.channel_code = contacts.channel_code
    left join {{ ref('touchpoints') }} as others
        on others.interaction_kind_code = contacts.interaction_kind_code
        and others.channel_code = 'any'
    left join {{ ref('stage_tags') }} as tags
        on tags.kind = kinds.subject_kind
        and tags.code = contacts.subject_code
),

around as (
    {# the orders before and after what has no stage by what it is about, nor by its touchpoint #}
    select
        placed.interaction_kind_code,
        placed.source_key,
        placed.record_id,
        max(case when orders.ordered_at > placed.occurred_at then 0 else {{ is_under_way('orders', 'placed.occurred_at') }} end)
            as is_under_way,
        min(case when orders.ordered_at <= placed.occurred_at
            then {{ seconds_between('orders.ordered_at', 'placed.occurred_at') }} end) as seconds_after,
        min(case when orders.ordered_at > placed.occurred_at
            then {{ seconds_between('placed.occurred_at', 'orders.ordered_at') }} end) as seconds_before
    from placed
    inner join {{ ref('fct_orders') }} as orders on orders.customer_key = placed.customer_key
    where placed.rule_code is null and placed.customer_key <> 'unknown' and orders.is_counted = 1
    group by placed.interaction_kind_code, placed.source_key, placed.record_id
),

staged as (
    select
        around.*,
        case
            when is_under_way = 1 then 'during'
            when seconds_before <= {{ var('stage_before_days') }} * 86400
                and seconds_before < coalesce(seconds_after, seconds_before + 1) then 'pre'
            when seconds_after <= {{ var('stage_after_days') }} * 86400 then 'post'
            when seconds_before <= {{ var('stage_before_days') }} * 86400 then 'pre'
        end as stage_code
    from around
)

select
    placed.interaction_kind_code || ':' || placed.source_key || ':' || placed.record_id as interaction_id,
    placed.interaction_kind_code,
    placed.customer_key,
    coalesce(customers.is_internal, 0) as is_internal,
    placed.business_unit_code,
    placed.channel_code,
    placed.touchpoint_code,
    {# who is near no order is before the one that has not come #}
    coalesce(placed.stage_code, staged.stage_code, 'pre') as journey_stage_code,
    coalesce(placed.rule_code, case when staged.stage_code is not null then 'order' end, 'none') as stage_rule_code,
    placed.direction_code,
    placed.occurred_at,
    {{ local_time('placed.occurred_at', 'units.time_zone') }} as occurred_at_local,
    {{ local_date('placed.occurred_at', 'units.time_zone') }} as occurred_date,
    placed.employee_key,
    placed.subject_code,
    placed.outcome_code,
    placed.amount,
    placed.currency,
    placed.source_key,
    placed.record_id
from placed
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = placed.business_unit_code
left join {{ ref('dim_customer') }} as customers on customers.customer_key = placed.customer_key
left join staged
    on staged.interaction_kind_code = placed.interaction_kind_code
    and staged.source_key = placed.source_key
    and staged.record_id = placed.record_id
