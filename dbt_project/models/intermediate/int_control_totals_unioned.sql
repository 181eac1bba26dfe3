{{ stack('control_totals', [
    'control_total_id',
    'business_unit_code',
    'measure_code',
    'period_date',
    'total_value',
    'record_count',
]) }}
