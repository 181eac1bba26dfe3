select
    answers.record_key as feedback_id,
    'shop_counter' as business_unit_code,
    'kiosk' as channel_code,
    {# nobody says at a kiosk who they are #}
    cast(null as text) as profile_id,
    cast(null as text) as order_id,
    cast(null as text) as conversation_id,
    'csat' as kind_code,
    'one_to_five' as scale_code,
    {{ json_number('answers.payload', 'score') }} as score,
    cast(null as text) as comment_text,
    cast(null as timestamptz) as invited_at,
    {{ json_timestamp('answers.payload', 'answered_at') }} as answered_at
from {{ current_versions('hearme', 'answers') }} as answers
{# a second tap within three seconds is the same answer #}
where {{ json_text('answers.payload', 'is_repeat') }} = 'false'
