select member_no as profile_id, 'phone' as identifier_type, phone as identifier_value
from read_csv('members.csv', all_varchar = true)
where phone is not null

union all

select member_no, 'email', email
from read_csv('members.csv', all_varchar = true)
where email is not null

union all

select member_no, 'loyalty_id', member_no
from read_csv('members.csv', all_varchar = true)

union all

select 'survey-' || min(answer_no), 'phone', phone
from "nps_answers.xlsx"
where member_no is null
group by phone
