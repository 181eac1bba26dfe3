-- the first time of each step after the one before it, from an index by person, step and time
create temporary table steps_of_funnels as
select
    steps.business_unit_code,
    'buyer' as funnel_code,
    steps.person_key,
    case steps.step_code when 'search' then 1 when 'view' then 2 when 'add' then 3 else 4 end as step_number,
    steps.occurred_at,
    steps.event_date as done_date
from core.visit_steps as steps
where steps.is_counted = 1 and steps.step_code in ('search', 'view', 'add', 'checkout')
union all
select business_unit_code, 'buyer', customer_key, 5, paid_at, requested_date
from core.fct_bookings
where is_counted = 1 and paid_at is not null
union all
select business_unit_code, 'buyer', customer_key, 6, completed_at, requested_date
from core.fct_bookings
where is_counted = 1 and completed_at is not null
union all
select business_unit_code, 'seller', person_key, 1, occurred_at, milestone_date
from core.fct_milestones
where is_counted = 1 and milestone_code = 'signed_up'
union all
select business_unit_code, 'seller', customer_key, 2, from_at, from_date
from core.listing_spans
where is_internal = 0 and is_live = 1
union all
select steps.business_unit_code, 'seller', listings.customer_key, 3, steps.occurred_at, steps.event_date
from (
    select distinct business_unit_code, customer_key, listing_id
    from core.listing_spans
    where is_internal = 0 and customer_key <> 'unknown'
) as listings
inner join core.visit_steps as steps
    on steps.business_unit_code = listings.business_unit_code
    and steps.listing_id = listings.listing_id
where steps.is_counted = 1 and steps.step_code = 'view'
union all
select business_unit_code, 'seller', seller_customer_key, 4, requested_at, requested_date
from core.fct_bookings
where is_counted = 1;
create index on steps_of_funnels (person_key, funnel_code, step_number, occurred_at);
analyze steps_of_funnels;
create temporary table theirs_funnels as
with step_1 as (
    select
        steps.business_unit_code,
        steps.person_key,
        steps.funnel_code,
        cast(date_trunc('month', steps.done_date) as date) as month_start,
        min(steps.occurred_at) as step_1_at
    from steps_of_funnels as steps
    inner join core.dim_business_unit as units
        on units.business_unit_code = steps.business_unit_code
        and units.business_type_code = 'marketplace'
    where steps.step_number = 1 and steps.person_key <> 'unknown'
    group by
        steps.business_unit_code, steps.person_key, steps.funnel_code,
        cast(date_trunc('month', steps.done_date) as date)
)

select
    step_1.business_unit_code,
    step_1.person_key,
    step_1.funnel_code,
    step_1.month_start,
    1 + num_nonnulls(step_2_at, step_3_at, step_4_at, step_5_at, step_6_at) as step_count,
    {%- for step in range(2, 7) %}
    extract(epoch from step_{{ step }}_at - step_{{ step - 1 }}_at) as seconds_to_step_{{ step }}{{ ',' if not loop.last }}
    {%- endfor %}
from step_1
{%- for step in range(2, 7) %}
left join lateral (
    select min(steps.occurred_at) as step_{{ step }}_at
    from steps_of_funnels as steps
    where steps.business_unit_code = step_1.business_unit_code
        and steps.funnel_code = step_1.funnel_code
        and steps.person_key = step_1.person_key
        and steps.step_number = {{ step }}
        and steps.occurred_at >= step_{{ step - 1 }}_at
        and steps.occurred_at < step_1_at + interval '7 days'
) as step_{{ step }} on true
{%- endfor %};
