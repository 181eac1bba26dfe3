{{ stack('employees', [
    'employee_id',
    'business_unit_code',
    'full_name',
    'team_name',
    'role_name',
    'place_name',
    'hired_on',
    'left_on',
]) }}
