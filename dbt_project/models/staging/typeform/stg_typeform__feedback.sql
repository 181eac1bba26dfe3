select
    responses.record_key as feedback_id,
    'shop_online' as business_unit_code,
    'survey' as channel_code,
    'person:' || responses.record_key as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    case
        when {{ json_text('responses.payload', 'form_id') }} like 'nps%' then 'nps'
        {# sent to some at random, whatever they met #}
        when {{ json_text('responses.payload', 'form_id') }} like 'kiem_chung%' then 'validation'
        else 'csat'
    end as kind_code,
    case when {{ json_text('responses.payload', 'form_id') }} like 'nps%' then 'zero_to_ten' else 'one_to_five' end
        as scale_code,
    {{ json_number('responses.payload', 'answers.0.number') }} as score,
    {{ json_text('responses.payload', 'answers.1.text') }} as comment_text,
    {{ json_timestamp('responses.payload', 'landed_at') }} as invited_at,
    {{ json_timestamp('responses.payload', 'submitted_at') }} as answered_at
from {{ current_versions('typeform', 'responses') }} as responses
{# an answer that was only begun is none #}
where {{ json_text('responses.payload', 'is_completed') }} = 'true'
