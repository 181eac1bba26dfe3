{% set of_somebody = "select customer_key, business_unit_code from {changed} where customer_key <> 'unknown'" %}
{{ config(
    unique_key=['customer_key', 'business_unit_code', 'source_key', 'subject_kind_code', 'subject_id'],
    dirty_key=['customer_key', 'business_unit_code'],
    dirty_from={
        'fct_feedback': of_somebody,
        'fct_conversations': of_somebody,
        'fct_orders': of_somebody,
        'fct_payments': of_somebody,
        'fct_bookings': of_somebody,
        'data_through': "select waiting.customer_key, waiting.business_unit_code from " ~ days_that_became_known()
            ~ " inner join core.fct_conversations as waiting"
            ~ " on waiting.business_unit_code = known.business_unit_code"
            ~ " and waiting.opened_date >= known.earliest - 2 and waiting.opened_date <= known.latest"
            ~ " where known.process_code = 'conversations' and waiting.customer_key <> 'unknown'"
            ~ " and waiting.first_response_seconds is null",
    },
    change_carries=['occurred_date', 'seen_date', 'told_date'],
    indexes=[
        {'columns': ['customer_key']}, {'columns': ['occurred_date']}, {'columns': ['business_unit_code', 'occurred_date']},
    ],
) }}

with signs as (
    {# what a validation survey asks is not among them: it judges who is told to be silent #}
    select
        feedback.customer_key,
        feedback.business_unit_code,
        feedback.source_key,
        case
            when feedback.order_id is not null then 'order'
            when feedback.conversation_id is not null then 'conversation'
            else 'answer'
        end as subject_kind_code,
        coalesce(feedback.order_id, feedback.conversation_id, feedback.feedback_id) as subject_id,
        feedback.channel_code,
        feedback.kind_code || '_low' as rule_code,
        feedback.answered_at_local as occurred_at_local
    from {{ ref('fct_feedback') }} as feedback
    where feedback.kind_code in ('csat', 'nps', 'review')
        and feedback.band_code in ('dissatisfied', 'detractor')
        and feedback.is_internal = 0
        and {{ is_dirty('feedback') }}
    union all
    select
        orders.customer_key,
        orders.business_unit_code,
        orders.source_key,
        'order' as subject_kind_code,
        orders.order_id as subject_id,
        orders.channel_code,
        'late' as rule_code,
        orders.delivered_at_local as occurred_at_local
    from {{ ref('fct_orders') }} as orders
    where orders.is_counted = 1
        and orders.delivered_date > {{ add_days('orders.promised_date', var('bad_experience_late_days')) }}
        and {{ is_dirty('orders') }}
    union all
    select
        orders.customer_key,
        orders.business_unit_code,
        orders.source_key,
        'order' as subject_kind_code,
        orders.order_id as subject_id,
        orders.channel_code,
        'refund' as rule_code,
        payments.paid_at_local as occurred_at_local
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('fct_payments') }} as payments
        on payments.source_key = orders.source_key
        and payments.order_id = orders.order_id
    where orders.is_counted = 1
        and payments.kind_code = 'refund'
        and payments.revenue_refunded > 0
        and {{ is_dirty('orders') }}
    union all
    select
        bookings.customer_key,
        bookings.business_unit_code,
        bookings.source_key,
        'order' as subject_kind_code,
        bookings.booking_id as subject_id,
        'unknown' as channel_code,
        'declined' as rule_code,
        {{ add_seconds('bookings.requested_at_local', 'coalesce(bookings.response_seconds, 0)') }} as occurred_at_local
    from {{ ref('fct_bookings') }} as bookings
    where bookings.status_code = 'declined' and bookings.is_internal = 0 and {{ is_dirty('bookings') }}
    union all
    {# who has not been answered at all waits, unless the matter was solved, once a whole day of it is known #}
    select
        conversations.customer_key,
        conversations.business_unit_code,
        conversations.source_key,
        'conversation' as subject_kind_code,
        conversations.conversation_id as subject_id,
        conversations.channel_code,
        'slow_response' as rule_code,
        {{ add_seconds('conversations.opened_at_local', '86400') }} as occurred_at_local
    from {{ ref('fct_conversations') }} as conversations
    left join {{ ref('data_through') }} as known
        on known.business_unit_code = conversations.business_unit_code
        and known.process_code = 'conversations'
    where conversations.is_internal = 0
        and (
            conversations.first_response_seconds > 86400
            or (
                conversations.first_response_seconds is null
                and (conversations.resolution_seconds is null or conversations.resolution_seconds > 86400)
                and {{ add_days('conversations.opened_date', 2) }} <= known.data_through
            )
        )
        and {{ is_dirty('conversations') }}
    union all
    {# when it was reopened no source says #}
    select
        conversations.customer_key,
        conversations.business_unit_code,
        conversations.source_key,
        'conversation' as subject_kind_code,
        conversations.conversation_id as subject_id,
        conversations.channel_code,
        'reopened' as rule_code,
        conversations.opened_at_local as occurred_at_local
    from {{ ref('fct_conversations') }} as conversations
    where conversations.reopened_count >= 2 and conversations.is_internal = 0 and {{ is_dirty('conversations') }}
),

placed as (
    select
        signs.*,
        rules.rule_version,
        rules.is_behavioural,
        row_number() over (
            partition by
                signs.customer_key, signs.business_unit_code, signs.source_key, signs.subject_kind_code, signs.subject_id
            order by rules.rule_order, signs.occurred_at_local, signs.channel_code
        ) as place
    from signs
    inner join {{ ref('bad_experience_rules') }} as rules on rules.rule_code = signs.rule_code
    where signs.customer_key <> 'unknown' and signs.occurred_at_local is not null
),

incidents as (
    select
        customer_key,
        business_unit_code,
        source_key,
        subject_kind_code,
        subject_id,
        max(case when place = 1 then channel_code end) as channel_code,
        max(case when place = 1 then rule_code end) as rule_code,
        max(case when place = 1 then rule_version end) as rule_version,
        min(occurred_at_local) as occurred_at_local,
        cast(min(case when is_behavioural = 1 then occurred_at_local end) as date) as seen_date,
        cast(min(case when is_behavioural = 0 then occurred_at_local end) as date) as told_date,
        count(*) as sign_count
    from placed
    group by customer_key, business_unit_code, source_key, subject_kind_code, subject_id
)

select
    incidents.*,
    cast(occurred_at_local as date) as occurred_date,
    case when seen_date is not null then 1 else 0 end as is_behavioural,
    row_number() over (
        partition by customer_key, business_unit_code
        order by occurred_at_local, source_key, subject_kind_code, subject_id
    ) as incident_no
from incidents
