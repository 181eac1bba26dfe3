{{ config(
    unique_key=['customer_key'],
    dirty_from={
        'dim_customer': ['customer_key'],
        'activity': ['customer_key'],
        'purchases': ['customer_key'],
        'fct_feedback': ['customer_key'],
        'dim_business_unit': "select p.customer_key from core.purchases as p inner join {changed}"
            ~ " on p.business_unit_code = changed_rows.business_unit_code",
    },
) }}

with bought as (
    select
        purchases.customer_key,
        min(purchases.first_order_date) as first_order_date,
        max(purchases.last_order_date) as last_order_date,
        sum(purchases.order_count) as order_count,
        count(*) as business_unit_count
    from {{ ref('purchases') }} as purchases
    where {{ is_dirty('purchases') }}
    group by purchases.customer_key
),

contacts as (
    select
        activity.customer_key,
        sum(activity.conversation_count) as conversation_count,
        sum(activity.feedback_count) as feedback_count,
        max(activity.activity_date) as last_contact_date,
        count(distinct case when activity.order_count > 0 then units.currency end) as currency_count,
        min(case when activity.order_count > 0 then units.currency end) as currency,
        {# as in the daily mart: orders on their day, refunds and credit notes on theirs #}
        sum(activity.gross_amount - activity.discount_amount - activity.refund_amount) as net_revenue
    from {{ ref('activity') }} as activity
    inner join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = activity.business_unit_code
    where {{ is_dirty('activity') }}
    group by activity.customer_key
),

scores as (
    select
        customer_key,
        kind_code,
        scale_code,
        score,
        row_number() over (
            partition by customer_key, kind_code, scale_code order by answered_at desc, source_key, feedback_id
        ) as recency
    from {{ ref('fct_feedback') }} as feedback
    where {{ is_dirty('feedback') }}
)

select
    customers.customer_key,
    customers.city,
    customers.generation_code,
    coalesce(labels.name_vi, 'Chưa xác định') as generation_name_vi,
    coalesce(labels.name_en, 'Unknown') as generation_name_en,
    customers.first_seen_date,
    customers.profile_count,
    customers.source_count,
    bought.first_order_date,
    bought.last_order_date,
    coalesce(bought.order_count, 0) as order_count,
    {# amounts of two currencies are never added up #}
    case when contacts.currency_count = 1 then contacts.net_revenue end as net_revenue,
    case when contacts.currency_count = 1 then contacts.currency end as currency,
    coalesce(bought.business_unit_count, 0) as business_unit_count,
    coalesce(contacts.conversation_count, 0) as conversation_count,
    coalesce(contacts.feedback_count, 0) as feedback_count,
    contacts.last_contact_date,
    nps.score as last_nps_score,
    csat.score as last_csat_score
from {{ ref('dim_customer') }} as customers
left join {{ ref('labels') }} as labels on labels.kind = 'generation' and labels.code = customers.generation_code
left join bought on bought.customer_key = customers.customer_key
left join contacts on contacts.customer_key = customers.customer_key
left join scores as nps
    on nps.customer_key = customers.customer_key and nps.kind_code = 'nps' and nps.recency = 1
left join scores as csat
    on csat.customer_key = customers.customer_key and csat.kind_code = 'csat'
    and csat.scale_code = 'one_to_five' and csat.recency = 1
where customers.customer_key <> 'unknown'
    and customers.is_internal = 0
    and {{ is_dirty('customers') }}
