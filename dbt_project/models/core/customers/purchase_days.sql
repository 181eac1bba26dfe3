{{ config(
    unique_key=['customer_key', 'business_unit_code', 'purchase_date'],
    dirty_from={
        'activity': 'select customer_key, business_unit_code, activity_date as purchase_date from {changed}',
        'fct_bookings': 'select customer_key, business_unit_code, requested_date as purchase_date from {changed}',
    },
    indexes=[{'columns': ['business_unit_code', 'purchase_date']}],
) }}

with bought as (
    select
        customer_key,
        business_unit_code,
        activity_date as purchase_date,
        order_count as purchase_count,
        gross_amount - discount_amount - refund_amount_by_order_date as net_amount
    from {{ ref('activity') }} as activity
    where order_count > 0 and {{ is_dirty('activity', ['customer_key', 'business_unit_code', 'activity_date']) }}
    union all
    select
        customer_key,
        business_unit_code,
        requested_date as purchase_date,
        1 as purchase_count,
        {# what a guest pays is the host's: the marketplace's own is its fee, less what it gave away #}
        coalesce(fee_amount, 0) - coalesce(voucher_amount, 0) as net_amount
    from {{ ref('fct_bookings') }} as bookings
    where is_counted = 1
        and requested_date is not null
        and {{ is_dirty('bookings', ['customer_key', 'business_unit_code', 'requested_date']) }}
)

select
    customer_key,
    business_unit_code,
    purchase_date,
    sum(purchase_count) as purchase_count,
    sum(net_amount) as net_amount
from bought
where customer_key <> 'unknown'
group by customer_key, business_unit_code, purchase_date
