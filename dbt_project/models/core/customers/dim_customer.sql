{{ config(
    unique_key=['customer_key'],
    dirty_from={
        'identity_map': ['customer_key'],
        'int_customers_unioned': "select m.customer_key from {changed} inner join identity.identity_map as m"
            ~ " on m.source_key = changed_records.source_key and m.profile_id = changed_records.record_key",
    },
) }}

with said as {{ said_by_profiles(['city', 'birth_year', 'is_internal']) }},

profiles as (
    select
        identity_map.customer_key,
        identity_map.source_key,
        identity_map.identifier_key,
        identity_map.seen_at,
        identity_map.rule,
        customers.city,
        customers.birth_year,
        coalesce(customers.is_internal, false) as is_internal
    from {{ source('identity', 'identity_map') }} as identity_map
    left join said as customers
        on customers.source_key = identity_map.source_key
        and customers.profile_id = identity_map.profile_id
    where {{ is_dirty('identity_map') }}
),

latest as (
    {# of what the profiles say, the youngest profile that says anything is believed #}
    select
        customer_key,
        city,
        birth_year,
        row_number() over (partition by customer_key order by (city is null), seen_at desc nulls last, identifier_key)
            as city_rank,
        row_number() over (partition by customer_key order by (birth_year is null), seen_at desc nulls last, identifier_key)
            as birth_year_rank
    from profiles
),

customers as (
    select
        profiles.customer_key,
        min(profiles.seen_at) as first_seen_at,
        count(*) as profile_count,
        count(distinct profiles.source_key) as source_count,
        {# a customer is of one rule; of a map in the making, the same one is taken each time #}
        min(profiles.rule) as identity_rule_code,
        max(case when profiles.is_internal then 1 else 0 end) as is_internal
    from profiles
    group by profiles.customer_key
)

select
    customers.customer_key,
    cities.city,
    births.birth_year,
    {{ generation('births.birth_year') }} as generation_code,
    {{ local_date('customers.first_seen_at', "'" ~ var('company_time_zone') ~ "'") }} as first_seen_date,
    customers.profile_count,
    customers.source_count,
    customers.identity_rule_code,
    customers.is_internal
from customers
left join latest as cities on cities.customer_key = customers.customer_key and cities.city_rank = 1
left join latest as births on births.customer_key = customers.customer_key and births.birth_year_rank = 1
union all
select *
from (
    select
        'unknown' as customer_key,
        cast(null as varchar) as city,
        cast(null as integer) as birth_year,
        'unknown' as generation_code,
        cast(null as date) as first_seen_date,
        0 as profile_count,
        0 as source_count,
        'unknown' as identity_rule_code,
        0 as is_internal
) as unknown_member
where {{ is_dirty('unknown_member') }}
