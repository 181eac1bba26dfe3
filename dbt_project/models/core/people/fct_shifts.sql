{{ config(
    unique_key=['source_key', 'shift_id'],
    dirty_from=dirty_by('shifts', 'shift_id', of=['employee']),
    change_carries=['business_unit_code', 'shift_date'],
    indexes=[{'columns': ['source_key', 'employee_id']}, {'columns': ['shift_date']}],
) }}

select
    {{ stamped('shifts') }},
    {{ known_channel() }},
    shifts.shift_id,
    coalesce(employee.employee_key, 'unknown') as employee_key,
    shifts.employee_id,
    shifts.place_name,
    {{ local_time('shifts.starts_at', 'units.time_zone') }} as starts_at_local,
    {{ local_time('shifts.ends_at', 'units.time_zone') }} as ends_at_local,
    {{ local_date('shifts.starts_at', 'units.time_zone') }} as shift_date,
    {{ seconds_between('shifts.starts_at', 'shifts.ends_at') }} as staffed_seconds,
    shifts.hourly_cost
from {{ ref('int_shifts_unioned') }} as shifts
{{ join_unit('shifts') }}
{{ join_channel('shifts') }}
{{ join_own_dimension('employee', 'shifts') }}
where {{ is_dirty('shifts') }}
