select
    shifts.record_key as shift_id,
    {{ json_text('shifts.payload', 'business_unit') }} as business_unit_code,
    {{ json_text('shifts.payload', 'employee_id') }} as employee_id,
    {{ json_text('shifts.payload', 'place') }} as place_name,
    {{ code_for('channel', 'staff', json_text('shifts.payload', 'channel')) }} as channel_code,
    {{ json_timestamp('shifts.payload', 'starts_at') }} as starts_at,
    {{ json_timestamp('shifts.payload', 'ends_at') }} as ends_at,
    {{ json_number('shifts.payload', 'hourly_cost') }} as hourly_cost
from {{ current_versions('staff', 'shifts') }} as shifts
