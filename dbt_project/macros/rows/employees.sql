{% macro rows_of_employees(source_name) %}
select
    records.parent_key as employee_id,
    records.scope as business_unit_code,
    {{ row_text('full_name') }} as full_name,
    {{ row_text('team_name') }} as team_name,
    {{ row_text('role_name') }} as role_name,
    {{ row_text('place_name') }} as place_name,
    {{ row_date('hired_on') }} as hired_on,
    {{ row_date('left_on') }} as left_on
{{ first_rows_of(source_name, 'employees') }}
{% endmacro %}
