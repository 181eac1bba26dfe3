{{ config(
    unique_key=['customer_key'],
    dirty_from={
        'identity_map': ['customer_key'],
        'int_customers_unioned': "select m.customer_key from {changed} inner join identity.identity_map as m"
            ~ " on m.source_key = changed_records.source_key and m.profile_id = changed_records.record_key",
        'profile_contacts': "select m.customer_key from {changed} inner join identity.identity_map as m"
            ~ " on m.identifier_key = changed_rows.identifier_key",
    },
) }}

with said as {{ said_by_profiles(['full_name']) }},

contacts as (
    select
        identity_map.customer_key,
        identity_map.seen_at,
        identity_map.identifier_key,
        customers.full_name,
        profile_contacts.phone,
        profile_contacts.email
    from {{ source('identity', 'identity_map') }} as identity_map
    left join said as customers
        on customers.source_key = identity_map.source_key
        and customers.profile_id = identity_map.profile_id
    left join {{ source('identity', 'profile_contacts') }} as profile_contacts
        on profile_contacts.identifier_key = identity_map.identifier_key
    where {{ is_dirty('identity_map') }}
)

select
    customer_key,
    (array_agg(full_name order by seen_at desc nulls last, identifier_key) filter (where full_name is not null))[1] as full_name,
    (array_agg(phone order by seen_at desc nulls last, identifier_key) filter (where phone is not null))[1] as phone,
    (array_agg(email order by seen_at desc nulls last, identifier_key) filter (where email is not null))[1] as email
from contacts
group by customer_key
