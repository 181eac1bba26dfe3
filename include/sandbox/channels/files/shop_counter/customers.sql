select
    member_no as profile_id,
    full_name,
    birth_year,
    city,
    is_staff = '1' as is_internal,
    joined_at::timestamp as created_at
from read_csv('members.csv', all_varchar = true)

union all by name

-- who is asked about an online order is known by phone alone
select
    'survey-' || min(answer_no) as profile_id,
    first(name order by answer_no) as full_name,
    false as is_internal,
    min(asked_at) as created_at
from "nps_answers.xlsx"
where member_no is null
group by phone
