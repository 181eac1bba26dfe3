{{ stack('feedback', [
    'feedback_id',
    'business_unit_code',
    'channel_code',
    'profile_id',
    'order_id',
    'conversation_id',
    'kind_code',
    'scale_code',
    'score',
    'comment_text',
    'invited_at',
    'answered_at',
]) }}
