-- the address that all of them share was put there in place of theirs: it tells nothing of who they are
select id as profile_id, name as full_name, created_at
from 'dbt_zendesk/user_data.csv'
where role = 'end-user'
