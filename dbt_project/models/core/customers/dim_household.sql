{{ config(
    unique_key=['household_key'],
    dirty_from={'dim_customer': ['household_key']},
) }}

select
    customers.household_key,
    count(*) as customer_count,
    min(customers.first_seen_date) as first_seen_date,
    {# where they do not live in one place, or nobody said where, it is not known #}
    case when count(distinct customers.city) = 1 then min(customers.city) end as city
from {{ ref('dim_customer') }} as customers
where customers.household_key is not null and {{ is_dirty('customers') }}
group by customers.household_key
