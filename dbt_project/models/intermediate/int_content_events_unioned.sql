{{ stack('content_events', [
    'content_event_id',
    'business_unit_code',
    'content_id',
    'profile_id',
    'anonymous_id',
    'channel_code',
    'kind_code',
    'occurred_at',
    'parent_event_id',
    'body_text',
    'amount',
]) }}
