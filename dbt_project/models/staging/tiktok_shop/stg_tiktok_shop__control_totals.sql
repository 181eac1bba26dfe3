{{ stated_by_day('tiktok_shop', 'order_counts', 'order_count', 'count') }}
union all
{{ stated_by_day('tiktok_shop', 'service_days', 'conversation_count', 'support_session_count') }}
where {{ json_number('stated.payload', 'support_session_count') }} is not null
