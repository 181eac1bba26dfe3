{{ config(
    unique_key=['customer_key', 'business_unit_code', 'activity_date'],
    dirty_from={
        'fct_orders': 'select customer_key, business_unit_code, order_date as activity_date from {changed}',
        'fct_payments': 'select customer_key, business_unit_code, paid_date as activity_date from {changed}',
        'fct_conversations': 'select customer_key, business_unit_code, opened_date as activity_date from {changed}',
        'fct_feedback': 'select customer_key, business_unit_code, answered_date as activity_date from {changed}',
    },
    indexes=[{'columns': ['activity_date']}],
) }}

with contacts as (
    select
        customer_key,
        business_unit_code,
        order_date as activity_date,
        1 as order_count,
        gross_amount,
        discount_amount,
        refund_amount as refund_amount_by_order_date,
        0 as refund_amount,
        0 as conversation_count,
        0 as feedback_count
    from {{ ref('fct_orders') }} as orders
    where is_counted = 1 and {{ is_dirty('orders', ['customer_key', 'business_unit_code', 'order_date']) }}
    union all
    select
        customer_key,
        business_unit_code,
        paid_date as activity_date,
        0 as order_count,
        0 as gross_amount,
        0 as discount_amount,
        0 as refund_amount_by_order_date,
        revenue_refunded as refund_amount,
        0 as conversation_count,
        0 as feedback_count
    from {{ ref('fct_payments') }} as payments
    where revenue_refunded <> 0 and {{ is_dirty('payments', ['customer_key', 'business_unit_code', 'paid_date']) }}
    union all
    select
        customer_key,
        business_unit_code,
        opened_date as activity_date,
        0 as order_count,
        0 as gross_amount,
        0 as discount_amount,
        0 as refund_amount_by_order_date,
        0 as refund_amount,
        1 as conversation_count,
        0 as feedback_count
    from {{ ref('fct_conversations') }} as conversations
    where is_internal = 0 and {{ is_dirty('conversations', ['customer_key', 'business_unit_code', 'opened_date']) }}
    union all
    select
        customer_key,
        business_unit_code,
        answered_date as activity_date,
        0 as order_count,
        0 as gross_amount,
        0 as discount_amount,
        0 as refund_amount_by_order_date,
        0 as refund_amount,
        0 as conversation_count,
        1 as feedback_count
    from {{ ref('fct_feedback') }} as feedback
    where is_internal = 0 and {{ is_dirty('feedback', ['customer_key', 'business_unit_code', 'answered_date']) }}
)

select
    customer_key,
    business_unit_code,
    activity_date,
    sum(order_count) as order_count,
    sum(gross_amount) as gross_amount,
    sum(discount_amount) as discount_amount,
    sum(refund_amount_by_order_date) as refund_amount_by_order_date,
    sum(refund_amount) as refund_amount,
    sum(conversation_count) as conversation_count,
    sum(feedback_count) as feedback_count
from contacts
{# an order without a date has no day; the audit refuses it by name #}
where activity_date is not null
group by customer_key, business_unit_code, activity_date
