{{ stack('conversations', [
    'conversation_id',
    'business_unit_code',
    'channel_code',
    'profile_id',
    'topic_code',
    'opened_at',
    'first_reply_at',
    'first_human_reply_at',
    'resolved_at',
    'status_code',
    'reopened_count',
    'message_count',
]) }}
