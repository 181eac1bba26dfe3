{{ config(
    unique_key=['customer_key', 'profile_key', 'attribute_code'],
    dirty_key=['customer_key'],
    dirty_from={
        'identity_map': ['customer_key'],
        'int_customers_unioned': "select m.customer_key from {changed} inner join identity.identity_map as m"
            ~ " on m.source_key = changed_records.source_key and m.profile_id = changed_records.record_key",
        'profile_contacts': "select m.customer_key from {changed} inner join identity.identity_map as m"
            ~ " on m.identifier_key = changed_rows.identifier_key",
    },
    indexes=[{'columns': ['customer_key']}],
) }}

{%- set attributes = profile_attributes() -%}
{%- set personal = ['full_name', 'phone', 'email'] %}

with said as {{ said_by_profiles(['full_name', 'birth_year', 'city']) }},

profiles as (
    select
        identity_map.customer_key,
        identity_map.own_key as profile_key,
        identity_map.source_key,
        identity_map.identifier_key,
        identity_map.seen_at,
        nullif(trim({{ unaccented('said.full_name') }}), '') as full_name,
        profile_contacts.phone,
        profile_contacts.email,
        cast(said.birth_year as varchar) as birth_year,
        coalesce(provinces.name_now, said.city) as city
    from {{ source('identity', 'identity_map') }} as identity_map
    left join said on said.source_key = identity_map.source_key and said.profile_id = identity_map.profile_id
    left join {{ source('identity', 'profile_contacts') }} as profile_contacts
        on profile_contacts.identifier_key = identity_map.identifier_key
    {# one name for a province of before the merger of July 2025 and for that which it is a part of now #}
    left join {{ ref('provinces') }} as provinces
        on {{ province_word('provinces.name') }} = {{ province_word('said.city') }}
    where {{ is_dirty('identity_map') }}
),

attributes as (
    {%- for attribute in attributes %}
    select
        customer_key,
        profile_key,
        source_key,
        identifier_key,
        seen_at,
        '{{ attribute }}' as attribute_code,
        {{ attribute }} as said_value
    from profiles
    where {{ attribute }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

ranked as (
    {# whom one trusts more is believed; of two, the younger #}
    select
        attributes.*,
        coalesce(profile_sources.trust, 0) as trust,
        coalesce(profile_sources.party_code, 'unknown') as party_code,
        row_number() over most_trusted as trust_rank,
        first_value(attributes.said_value) over most_trusted as chosen_value
    from attributes
    left join {{ ref('profile_sources') }} as profile_sources on profile_sources.source_key = attributes.source_key
    window most_trusted as (
        partition by attributes.customer_key, attributes.attribute_code
        order by coalesce(profile_sources.trust, 0) desc, attributes.seen_at desc nulls last, attributes.identifier_key
    )
)

select
    customer_key,
    profile_key,
    attribute_code,
    source_key,
    party_code,
    trust,
    {# who somebody is stays in the contact dimension #}
    case when attribute_code not in ('{{ personal | join("', '") }}') then said_value end as attribute_value,
    trust_rank,
    case when trust_rank = 1 then 1 else 0 end as is_chosen,
    case when trust_rank > 1 then case when said_value = chosen_value then 1 else 0 end end as agrees,
    {{ local_date('seen_at', "'" ~ var('company_time_zone') ~ "'") }} as said_date
from ranked
