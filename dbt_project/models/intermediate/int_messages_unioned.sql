{{ stack('messages', [
    'message_id',
    'business_unit_code',
    'conversation_id',
    'channel_code',
    'profile_id',
    'sent_at',
    'author_kind_code',
    'employee_id',
    'is_public',
    'message_text',
]) }}
