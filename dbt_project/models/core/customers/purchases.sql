{{ config(
    unique_key=['customer_key', 'business_unit_code'],
    dirty_from={'activity': ['customer_key', 'business_unit_code']},
    change_carries=['first_order_date'],
    indexes=[{'columns': ['first_order_date']}],
) }}

select
    customer_key,
    business_unit_code,
    min(activity_date) as first_order_date,
    max(activity_date) as last_order_date,
    sum(order_count) as order_count
from {{ ref('activity') }} as activity
where order_count > 0 and customer_key <> 'unknown' and {{ is_dirty('activity') }}
group by customer_key, business_unit_code
