select
    answers.record_key as feedback_id,
    {{ json_text('answers.payload', 'business_unit') }} as business_unit_code,
    'survey' as channel_code,
    {# nobody signs: an answer is the team's, which is internal #}
    'team:' || {{ json_text('answers.payload', 'team_id') }} as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    {# kinds of their own, so that no figure of customers takes them for its own #}
    case when {{ json_text('answers.payload', 'question') }} = 'enps' then 'enps' else 'empowerment' end as kind_code,
    case when {{ json_text('answers.payload', 'question') }} = 'enps' then 'zero_to_ten' else 'one_to_five' end
        as scale_code,
    {{ json_number('answers.payload', 'score') }} as score,
    {{ json_text('answers.payload', 'comment') }} as comment_text,
    cast(null as timestamptz) as invited_at,
    {{ json_timestamp('answers.payload', 'answered_at') }} as answered_at
from {{ current_versions('staff', 'survey_answers') }} as answers
{# a question that was passed over has no answer #}
where {{ json_text('answers.payload', 'score') }} is not null
