select
    tickets.record_key as control_total_id,
    'shop_online' as business_unit_code,
    'first_response_minutes' as measure_code,
    {{ local_date(json_timestamp('tickets.payload', 'created_at'), "'Asia/Ho_Chi_Minh'") }} as period_date,
    {{ json_number('tickets.payload', 'metric_set.reply_time_in_minutes.calendar') }} as total_value,
    cast(1 as numeric(18, 4)) as record_count
from {{ current_versions('zendesk', 'tickets') }} as tickets
where {{ json_number('tickets.payload', 'metric_set.reply_time_in_minutes.calendar') }} is not null
    and coalesce({{ json_text('tickets.payload', 'status') }}, '') <> 'deleted'
