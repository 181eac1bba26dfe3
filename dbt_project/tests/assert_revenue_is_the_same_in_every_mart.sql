{{ config(tags=["whole"]) }}
{# Net revenue by day adds up to that of the facts: orders on their date, refunds on theirs. #}
with mart as (
    select business_unit_code, sum(net_revenue) as net_revenue
    from {{ ref('mart_ecommerce_daily') }}
    group by business_unit_code
),

orders as (
    select business_unit_code, sum(gross_amount - discount_amount) as amount
    from {{ ref('fct_orders') }}
    where is_counted = 1 and order_date is not null
    group by business_unit_code
),

refunds as (
    select business_unit_code, sum(revenue_refunded) as amount
    from {{ ref('fct_payments') }}
    where paid_date is not null
    group by business_unit_code
)

select mart.business_unit_code, mart.net_revenue, orders.amount as ordered, refunds.amount as refunded
from mart
left join orders on orders.business_unit_code = mart.business_unit_code
left join refunds on refunds.business_unit_code = mart.business_unit_code
where abs(mart.net_revenue - coalesce(orders.amount, 0) + coalesce(refunds.amount, 0)) > 0.01
