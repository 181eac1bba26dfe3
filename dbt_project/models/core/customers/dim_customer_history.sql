{{ config(
    unique_key=['customer_key', 'valid_from'],
    dirty_key=['customer_key'],
    dirty_from={
        'dim_customer': ['customer_key'],
        'fct_profile_attributes': ['customer_key'],
        'activity': ['customer_key'],
        'fct_consents': ['customer_key'],
        'fct_rfm_scores': ['customer_key'],
    },
) }}

{%- set beginning = "cast('" ~ var('calendar_start') ~ "' as date)" %}

with customers as (
    select customer_key, coalesce(first_seen_date, {{ beginning }}) as since
    from {{ ref('dim_customer') }} as customers
    where customer_key <> 'unknown' and {{ is_dirty('customers') }}
),

cities as (
    select
        said.customer_key,
        said.valid_from,
        said.city,
        lead(said.valid_from) over (partition by said.customer_key order by said.valid_from) as valid_to
    from (
        select
            customer_key,
            coalesce(said_date, {{ beginning }}) as valid_from,
            attribute_value as city,
            {# on its day, and held against what was said before, it is the one to be believed #}
            row_number() over (partition by customer_key, coalesce(said_date, {{ beginning }}) order by trust_rank) as day_rank,
            trust,
            max(trust) over (
                partition by customer_key order by coalesce(said_date, {{ beginning }})
            ) as most_trust
        from {{ ref('fct_profile_attributes') }} as attributes
        where attribute_code = 'city' and {{ is_dirty('attributes') }}
    ) as said
    where said.day_rank = 1 and said.trust >= said.most_trust
),

days as (
    select
        customer_key,
        business_unit_code,
        activity_date,
        sum(order_count) over (partition by customer_key order by activity_date) as orders_so_far
    from {{ ref('activity') }} as activity
    where customer_key <> 'unknown' and {{ is_dirty('activity') }}
),

units as (
    select customer_key, business_unit_code, min(activity_date) as valid_from
    from days
    group by customer_key, business_unit_code
),

orders as (
    select
        customer_key,
        min(case when orders_so_far >= 1 then activity_date end) as bought_on,
        min(case when orders_so_far >= 2 then activity_date end) as bought_again_on
    from days
    group by customer_key
),

tier_months as (
    {# a month's tier is known once the month is over #}
    select
        scores.customer_key,
        scores.business_unit_code,
        scores.tier_code,
        months.period_end as valid_from,
        lag(scores.tier_code) over (
            partition by scores.customer_key, scores.business_unit_code order by scores.month_start
        ) as former_code
    from {{ ref('fct_rfm_scores') }} as scores
    inner join {{ ref('dim_period') }} as months
        on months.period_grain_code = 'month' and months.period_start = scores.month_start
    where {{ is_dirty('scores') }}
),

tiers as (
    {# who buys nothing for a year is inactive, and told so once: they stay it until they are told to be another #}
    select
        tier_months.*,
        lead(valid_from) over (partition by customer_key, business_unit_code order by valid_from) as valid_to
    from tier_months
    where former_code is null or former_code <> tier_code
),

consents as {{ computed_once() }} {{ consents_in_force() }},

moments as (
    select customer_key, since as valid_from from customers
    union
    select customer_key, valid_from from cities
    union
    select customer_key, valid_from from units
    union
    select customer_key, valid_from from tiers
    union
    select customer_key, bought_on from orders where bought_on is not null
    union
    select customer_key, bought_again_on from orders where bought_again_on is not null
    union
    {# a decision without a date makes no day #}
    select customer_key, valid_from from consents where valid_from > {{ beginning }}
),

unit_lists as (
    select
        moments.customer_key,
        moments.valid_from,
        count(*) as business_unit_count,
        {{ joined_text('units.business_unit_code') }} as business_unit_codes
    from moments
    inner join units on units.customer_key = moments.customer_key and units.valid_from <= moments.valid_from
    group by moments.customer_key, moments.valid_from
),

tier_lists as (
    select
        moments.customer_key,
        moments.valid_from,
        {{ joined_text("tiers.business_unit_code || '/' || tiers.tier_code") }} as rfm_tier_codes
    from moments
    inner join tiers
        on tiers.customer_key = moments.customer_key
        and tiers.valid_from <= moments.valid_from
        and (tiers.valid_to is null or tiers.valid_to > moments.valid_from)
    group by moments.customer_key, moments.valid_from
),

consent_lists as (
    select
        moments.customer_key,
        moments.valid_from,
        {{ joined_text(
            "consents.purpose_code || case when consents.purpose_code = 'marketing' then '/' || consents.scope_code else '' end"
        ) }} as consented_purposes
    from moments
    inner join consents
        on consents.customer_key = moments.customer_key
        and consents.is_granted = 1
        and consents.scope_code <> 'unknown'
        and consents.valid_from <= moments.valid_from
        and (consents.valid_to is null or consents.valid_to > moments.valid_from)
    group by moments.customer_key, moments.valid_from
),

states as (
    select
        moments.customer_key,
        moments.valid_from,
        cities.city,
        case
            when orders.bought_again_on <= moments.valid_from then 'repeat'
            when orders.bought_on <= moments.valid_from then 'buyer'
            else 'prospect'
        end as lifecycle_code,
        coalesce(unit_lists.business_unit_count, 0) as business_unit_count,
        unit_lists.business_unit_codes,
        tier_lists.rfm_tier_codes,
        consent_lists.consented_purposes
    from moments
    inner join customers on customers.customer_key = moments.customer_key
    left join cities
        on cities.customer_key = moments.customer_key
        and cities.valid_from <= moments.valid_from
        and (cities.valid_to is null or cities.valid_to > moments.valid_from)
    left join orders on orders.customer_key = moments.customer_key
    left join unit_lists
        on unit_lists.customer_key = moments.customer_key and unit_lists.valid_from = moments.valid_from
    left join tier_lists
        on tier_lists.customer_key = moments.customer_key and tier_lists.valid_from = moments.valid_from
    left join consent_lists
        on consent_lists.customer_key = moments.customer_key and consent_lists.valid_from = moments.valid_from
),

described as (
    select
        states.*,
        coalesce(city, '') || '|' || lifecycle_code || '|' || coalesce(business_unit_codes, '')
        || '|' || coalesce(rfm_tier_codes, '') || '|' || coalesce(consented_purposes, '') as description
    from states
),

compared as (
    select
        described.*,
        lag(description) over (partition by customer_key order by valid_from) as former_description
    from described
)

select
    customer_key,
    valid_from,
    lead(valid_from) over (partition by customer_key order by valid_from) as valid_to,
    case when lead(valid_from) over (partition by customer_key order by valid_from) is null then 1 else 0 end
        as is_current,
    city,
    lifecycle_code,
    business_unit_count,
    business_unit_codes,
    rfm_tier_codes,
    consented_purposes
from compared
where former_description is null or former_description <> description
