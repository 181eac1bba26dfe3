{{ config(
    unique_key=['source_key', 'invite_id'],
    dirty_from=dirty_by('invites', 'invite_id', person=true, second_person='invitee_identifier_key'),
    change_carries=['customer_key', 'business_unit_code', 'sent_date', 'invitee_customer_key'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['invitee_identifier_key']}, {'columns': ['customer_key']},
        {'columns': ['sent_date']}, {'columns': ['invitee_customer_key']},
        {'columns': ['business_unit_code', 'sent_date']},
    ],
) }}

select
    {{ stamped_with_person('invites') }},
    {{ known_channel() }},
    invites.invite_id,
    case when invites.invitee_profile_id is not null then coalesce(invitees.customer_key, 'unknown') end
        as invitee_customer_key,
    invites.source_key || ':' || invites.invitee_profile_id as invitee_identifier_key,
    invites.sent_at,
    {{ local_date('invites.sent_at', 'units.time_zone') }} as sent_date,
    invites.accepted_at,
    {{ local_date('invites.accepted_at', 'units.time_zone') }} as accepted_date,
    {{ seconds_between('invites.sent_at', 'invites.accepted_at') }} as acceptance_seconds
from {{ ref('int_invites_unioned') }} as invites
{{ join_unit('invites') }}
{{ join_person('invites') }}
{{ join_channel('invites') }}
left join {{ source('identity', 'identity_map') }} as invitees
    on invitees.source_key = invites.source_key
    and invitees.profile_id = invites.invitee_profile_id
where {{ is_dirty('invites') }}
