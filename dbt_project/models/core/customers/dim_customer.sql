{{ config(
    unique_key=['customer_key'],
    dirty_from={
        'identity_map': ['customer_key'],
        'fct_profile_attributes': ['customer_key'],
        'households': ['customer_key'],
        'int_customers_unioned': "select m.customer_key from {changed} inner join identity.identity_map as m"
            ~ " on m.source_key = changed_records.source_key and m.profile_id = changed_records.record_key",
    },
    change_carries=[
        'household_key',
        'generation_code',
        'city',
        'is_internal',
    ],
) }}

with said as {{ said_by_profiles(['is_internal']) }},

customers as (
    select
        identity_map.customer_key,
        min(identity_map.seen_at) as first_seen_at,
        count(*) as profile_count,
        count(distinct identity_map.source_key) as source_count,
        {# a customer is of one rule; of a map in the making, the same one is taken each time #}
        min(identity_map.rule) as identity_rule_code,
        max(case when said.is_internal then 1 else 0 end) as is_internal
    from {{ source('identity', 'identity_map') }} as identity_map
    left join said on said.source_key = identity_map.source_key and said.profile_id = identity_map.profile_id
    where {{ is_dirty('identity_map') }}
    group by identity_map.customer_key
),

chosen as (
    select
        attributes.customer_key,
        max(case when attributes.attribute_code = 'city' and attributes.is_chosen = 1 then attributes.attribute_value end)
            as city,
        cast(max(case when attributes.attribute_code = 'birth_year' and attributes.is_chosen = 1
            then attributes.attribute_value end) as integer) as birth_year,
        sum(attributes.is_chosen) as known_count,
        sum(attributes.agrees) as agreeing_count,
        count(attributes.agrees) as compared_count
    from {{ ref('fct_profile_attributes') }} as attributes
    where {{ is_dirty('attributes') }}
    group by attributes.customer_key
)

select
    customers.customer_key,
    chosen.city,
    chosen.birth_year,
    {{ generation('chosen.birth_year') }} as generation_code,
    {{ local_date('customers.first_seen_at', "'" ~ var('company_time_zone') ~ "'") }} as first_seen_date,
    households.household_key,
    customers.profile_count,
    customers.source_count,
    {# the one division here: there is no period or segment over which it would be summed #}
    round(cast(coalesce(chosen.known_count, 0) as numeric) / {{ profile_attributes() | length }}, 4) as completeness_share,
    round(cast(chosen.agreeing_count as numeric) / nullif(chosen.compared_count, 0), 4) as consistency_share,
    customers.identity_rule_code,
    customers.is_internal
from customers
left join chosen on chosen.customer_key = customers.customer_key
left join {{ source('identity', 'households') }} as households on households.customer_key = customers.customer_key
union all
select *
from (
    select
        'unknown' as customer_key,
        cast(null as varchar) as city,
        cast(null as integer) as birth_year,
        'unknown' as generation_code,
        cast(null as date) as first_seen_date,
        cast(null as varchar) as household_key,
        0 as profile_count,
        0 as source_count,
        cast(null as numeric) as completeness_share,
        cast(null as numeric) as consistency_share,
        'unknown' as identity_rule_code,
        0 as is_internal
) as unknown_member
where {{ is_dirty('unknown_member') }}
