{{ config(
    unique_key=['business_unit_code', 'order_date'],
    dirty_from={
        'fct_orders': ['business_unit_code', 'order_date'],
        'fct_payments': 'select business_unit_code, paid_date as order_date from {changed}',
        'purchases': 'select business_unit_code, first_order_date as order_date from {changed}',
        'dim_business_unit': ['business_unit_code'],
        'metric_ecommerce__conversion_rate': "select business_unit_code, period_start as order_date from {changed}"
            ~ " where period_grain_code = 'day' and variant_code = 'session' and segment_type_code = 'all'",
        'metric_ecommerce__cart_abandonment': "select business_unit_code, period_start as order_date from {changed}"
            ~ " where period_grain_code = 'day' and variant_code = 'cart' and segment_type_code = 'all'",
    },
) }}

with orders as (
    select
        business_unit_code,
        order_date,
        sum(is_counted) as order_count,
        sum(case when status_code in ('cancelled', 'failed') then 1 else 0 end) as cancelled_order_count,
        sum(case when payment_method_code = 'cod' and is_counted = 1 then 1 else 0 end) as cod_order_count,
        sum(case when delivered_at_local is not null and is_counted = 1 then 1 else 0 end) as delivered_order_count,
        count(case when is_counted = 1 then is_late end) as promised_order_count,
        {# nobody was promised anything: that is no answer, not zero #}
        sum(case when is_counted = 1 then is_late end) as late_order_count,
        sum(case when is_counted = 1 then is_late_by_date end) as late_by_date_order_count,
        count(distinct case when is_counted = 1 and customer_key <> 'unknown' then customer_key end) as buyer_count,
        sum(case when is_counted = 1 then unit_count end) as unit_count,
        sum(case when is_counted = 1 then gross_amount else 0 end) as gross_amount,
        sum(case when is_counted = 1 then discount_amount else 0 end) as discount_amount,
        sum(refund_amount) as refund_amount_by_order_date,
        sum(case when is_counted = 1 then shipping_amount else 0 end) as shipping_amount,
        sum(case when is_counted = 1 then tax_amount else 0 end) as tax_amount
    from {{ ref('fct_orders') }} as orders
    where {{ is_dirty('orders') }}
    group by business_unit_code, order_date
),

refunds as (
    select
        business_unit_code,
        paid_date as order_date,
        sum(revenue_refunded) as refund_amount
    from {{ ref('fct_payments') }} as payments
    where revenue_refunded <> 0 and {{ is_dirty('payments', ['business_unit_code', 'paid_date']) }}
    group by business_unit_code, paid_date
),

first_orders as (
    select
        business_unit_code,
        first_order_date as order_date,
        count(*) as new_buyer_count
    from {{ ref('purchases') }} as purchases
    where {{ is_dirty('purchases', ['business_unit_code', 'first_order_date']) }}
    group by business_unit_code, first_order_date
),

visits as (
    {# the parts of two metrics: nothing is counted twice #}
    select
        business_unit_code,
        period_start as order_date,
        denominator as session_count,
        numerator as ordering_session_count
    from {{ ref('metric_ecommerce__conversion_rate') }} as visits
    where period_grain_code = 'day'
        and variant_code = 'session'
        and segment_type_code = 'all'
        and {{ is_dirty('visits', ['business_unit_code', 'period_start']) }}
),

carts as (
    select
        business_unit_code,
        period_start as order_date,
        denominator as cart_count,
        numerator as abandoned_cart_count
    from {{ ref('metric_ecommerce__cart_abandonment') }} as carts
    where period_grain_code = 'day'
        and variant_code = 'cart'
        and segment_type_code = 'all'
        and {{ is_dirty('carts', ['business_unit_code', 'period_start']) }}
),

days as (
    select business_unit_code, order_date from orders
    union
    select business_unit_code, order_date from refunds
    union
    select business_unit_code, order_date from visits
    union
    select business_unit_code, order_date from carts
)

select
    days.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    days.order_date,
    units.currency,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.cancelled_order_count, 0) as cancelled_order_count,
    coalesce(orders.cod_order_count, 0) as cod_order_count,
    coalesce(orders.delivered_order_count, 0) as delivered_order_count,
    coalesce(orders.promised_order_count, 0) as promised_order_count,
    orders.late_order_count,
    orders.late_by_date_order_count,
    coalesce(orders.buyer_count, 0) as buyer_count,
    coalesce(first_orders.new_buyer_count, 0) as new_buyer_count,
    orders.unit_count,
    coalesce(orders.gross_amount, 0) as gross_amount,
    coalesce(orders.discount_amount, 0) as discount_amount,
    coalesce(refunds.refund_amount, 0) as refund_amount,
    coalesce(orders.refund_amount_by_order_date, 0) as refund_amount_by_order_date,
    coalesce(orders.gross_amount, 0) - coalesce(orders.discount_amount, 0) - coalesce(refunds.refund_amount, 0)
        as net_revenue,
    coalesce(orders.shipping_amount, 0) as shipping_amount,
    coalesce(orders.tax_amount, 0) as tax_amount,
    {# where nothing tells of visits there were none known, which is not none #}
    visits.session_count,
    visits.ordering_session_count,
    carts.cart_count,
    carts.abandoned_cart_count,
    carts.cart_count - carts.abandoned_cart_count as bought_cart_count
from days
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = days.business_unit_code
left join orders on orders.business_unit_code = days.business_unit_code and orders.order_date = days.order_date
left join refunds on refunds.business_unit_code = days.business_unit_code and refunds.order_date = days.order_date
left join first_orders
    on first_orders.business_unit_code = days.business_unit_code
    and first_orders.order_date = days.order_date
left join visits on visits.business_unit_code = days.business_unit_code and visits.order_date = days.order_date
left join carts on carts.business_unit_code = days.business_unit_code and carts.order_date = days.order_date
{# an order without a date has no day; the audit refuses it by name #}
where days.order_date is not null
