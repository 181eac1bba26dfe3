{{ config(
    unique_key=['source_key', 'consent_id'],
    dirty_from=dirty_by('consents', 'consent_id', person=true),
    change_carries=['customer_key', 'business_unit_code', 'decided_date'],
    indexes=[{'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['decided_date']}],
) }}

select
    {{ stamped_with_person('consents') }},
    {{ known_channel() }},
    consents.consent_id,
    consents.purpose_code,
    {# what is not said is not granted #}
    coalesce(consents.is_granted, 0) as is_granted,
    consents.origin_code,
    case when consents.evidence is null then 0 else 1 end as has_evidence,
    consents.decided_at,
    {{ local_time('consents.decided_at', 'units.time_zone') }} as decided_at_local,
    {{ local_date('consents.decided_at', 'units.time_zone') }} as decided_date
from {{ ref('int_consents_unioned') }} as consents
{{ join_unit('consents') }}
{{ join_person('consents') }}
{{ join_channel('consents') }}
where {{ is_dirty('consents') }}
