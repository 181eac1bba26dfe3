select
    decisions.record_key as consent_id,
    {{ json_text('decisions.payload', 'brand') }} as business_unit_code,
    {{ json_text('decisions.payload', 'subject_id') }} as profile_id,
    {{ code_for('consent_purpose', 'preference_centre', json_text('decisions.payload', 'purpose')) }} as purpose_code,
    {{ code_for('channel', 'preference_centre', json_text('decisions.payload', 'channel')) }} as channel_code,
    {# a box that came ticked is silence, and silence is no consent #}
    case
        when {{ json_text('decisions.payload', 'status') }} = 'granted'
            and coalesce({{ json_text('decisions.payload', 'was_ticked') }}, 'false') = 'false' then 1
        else 0
    end as is_granted,
    {{ json_timestamp('decisions.payload', 'decided_at') }} as decided_at,
    {{ code_for('consent_origin', 'preference_centre', json_text('decisions.payload', 'collected_via')) }}
        as origin_code,
    {{ json_text('decisions.payload', 'proof') }} as evidence
from {{ current_versions('preference_centre', 'decisions') }} as decisions
{# who has not confirmed has decided nothing #}
where {{ json_text('decisions.payload', 'status') }} <> 'pending'
