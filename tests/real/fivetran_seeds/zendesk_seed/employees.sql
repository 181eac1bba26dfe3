select id as employee_id, name as full_name, role as role_name
from 'dbt_zendesk/user_data.csv'
where role <> 'end-user'
