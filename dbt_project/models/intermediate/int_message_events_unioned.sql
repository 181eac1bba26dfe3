{{ stack('message_events', [
    'message_event_id',
    'business_unit_code',
    'campaign_id',
    'channel_code',
    'profile_id',
    'kind_code',
    'occurred_at',
    'url',
    'is_machine',
]) }}
