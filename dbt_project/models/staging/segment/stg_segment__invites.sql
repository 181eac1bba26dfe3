select
    sent.record_key as invite_id,
    {{ code_for('business_unit', 'segment', json_text('sent.payload', 'projectId')) }} as business_unit_code,
    {{ json_text('sent.payload', 'userId') }} as profile_id,
    {{ json_text('accepted.payload', 'userId') }} as invitee_profile_id,
    {{ code_for('channel', 'segment', json_text('sent.payload', 'context.library.name')) }} as channel_code,
    {{ json_timestamp('sent.payload', 'timestamp') }} as sent_at,
    {{ json_timestamp('accepted.payload', 'timestamp') }} as accepted_at
from {{ current_versions('segment', 'events') }} as sent
left join {{ current_versions('segment', 'events') }} as accepted
    on accepted.record_key = sent.record_key || '/accepted'
{# an invitation that has no id of its own can be accepted by nobody whom one knows of #}
where {{ json_text('sent.payload', 'event') }} = 'Invite Sent'
    and {{ json_text('sent.payload', 'properties.invite_id') }} is not null
