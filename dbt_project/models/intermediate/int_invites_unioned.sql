{{ stack('invites', [
    'invite_id',
    'business_unit_code',
    'profile_id',
    'invitee_profile_id',
    'channel_code',
    'sent_at',
    'accepted_at',
]) }}
