select
    'nps-' || answer_no as feedback_id,
    'sms' as channel_code,
    coalesce(
        member_no::varchar, 'survey-' || min(answer_no) over (partition by phone)
    ) as profile_id,
    receipt_no as order_id,
    'nps' as kind_code,
    'zero_to_ten' as scale_code,
    score,
    comment as comment_text,
    asked_at as invited_at,
    answered_at
from "nps_answers.xlsx"

union all by name

select
    'csat-' || answer_no as feedback_id,
    'store' as channel_code,
    member_no as profile_id,
    receipt_no as order_id,
    'csat' as kind_code,
    'one_to_five' as scale_code,
    score::integer as score,
    asked_at::timestamp as invited_at,
    answered_at::timestamp as answered_at
from read_csv('csat_answers.csv', all_varchar = true)
