{{ stack('contents', [
    'content_id',
    'business_unit_code',
    'kind_code',
    'title',
    'profile_id',
    'channel_code',
    'topic_code',
    'published_at',
    'removed_at',
    'duration_seconds',
    'word_count',
    'is_paywalled',
]) }}
