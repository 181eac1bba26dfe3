{{ stack('shifts', [
    'shift_id',
    'business_unit_code',
    'employee_id',
    'place_name',
    'channel_code',
    'starts_at',
    'ends_at',
    'hourly_cost',
]) }}
