{{ config(
    unique_key=['employee_key'],
    dirty_key=['source_key', 'employee_id'],
    dirty_from=dirty_by('employees', 'employee_id'),
    change_carries=['source_key', 'employee_id'],
    indexes=[{'columns': ['source_key', 'employee_id']}],
) }}

select
    {{ stamped('employees') }},
    employees.source_key || ':' || employees.employee_id as employee_key,
    employees.employee_id,
    employees.team_name,
    employees.role_name,
    employees.place_name,
    employees.hired_on,
    employees.left_on
from {{ ref('int_employees_unioned') }} as employees
{{ join_unit('employees') }}
where {{ is_dirty('employees') }}
union all
select *
from (
    select
        'unknown' as source_key,
        'unknown' as business_unit_code,
        'unknown' as employee_key,
        'unknown' as employee_id,
        cast(null as varchar) as team_name,
        cast(null as varchar) as role_name,
        cast(null as varchar) as place_name,
        cast(null as date) as hired_on,
        cast(null as date) as left_on
) as unknown_member
where {{ is_dirty('unknown_member') }}
