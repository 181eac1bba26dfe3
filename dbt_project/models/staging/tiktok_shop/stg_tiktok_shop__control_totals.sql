{{ shop_order_counts('tiktok_shop') }}
union all
select
    days.record_key as control_total_id,
    'shop_online' as business_unit_code,
    'conversation_count' as measure_code,
    cast({{ json_text('days.payload', 'day') }} as date) as period_date,
    {{ json_number('days.payload', 'support_session_count') }} as total_value,
    {{ json_number('days.payload', 'support_session_count') }} as record_count
from {{ current_versions('tiktok_shop', 'service_days') }} as days
where {{ json_number('days.payload', 'support_session_count') }} is not null
