{{ stack('consents', [
    'consent_id',
    'business_unit_code',
    'profile_id',
    'purpose_code',
    'channel_code',
    'is_granted',
    'decided_at',
    'origin_code',
    'evidence',
]) }}
