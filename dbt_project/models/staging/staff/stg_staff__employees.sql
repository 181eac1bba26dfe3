select
    employees.record_key as employee_id,
    {{ json_text('employees.payload', 'business_unit') }} as business_unit_code,
    {{ json_text('employees.payload', 'full_name') }} as full_name,
    {{ json_text('employees.payload', 'team_name') }} as team_name,
    {{ json_text('employees.payload', 'role') }} as role_name,
    {{ json_text('employees.payload', 'place') }} as place_name,
    cast({{ json_text('employees.payload', 'hired_on') }} as date) as hired_on,
    cast({{ json_text('employees.payload', 'left_on') }} as date) as left_on
from {{ current_versions('staff', 'employees') }} as employees
