-- nobody is named: an answer is of a person of its own. What was eaten is asked meal by meal, in words.
with answers as (
    select row_number() over (order by "Timestamp") as respondent, *
    from 'inputs/input_02.csv'
),

meals as (
    unpivot answers
    on columns('How would you rate the food at Sudzilla.*')
    into name question value word
)

select
    respondent || '-nps' as feedback_id,
    'survey' as channel_code,
    'nps' as kind_code,
    'zero_to_ten' as scale_code,
    "On a scale of 0-10, how would you rate Sudzilla?" as score,
    "...why?" as comment_text,
    "Timestamp" as answered_at
from answers
union all
select
    respondent || '-' || regexp_extract(question, '\((.*)\)', 1),
    'survey',
    'csat',
    'one_to_five',
    list_position(
        [
            'Horrendous', 'Just about edible but I was hungry', 'Some good, some not so good', 'Yum!',
            'Give the team a Michelin star!!'
        ],
        word
    ),
    null,
    "Timestamp"
from meals
