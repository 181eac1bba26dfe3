select
    responses.record_key,
    'person:' || responses.record_key as profile_id,
    'phone' as identifier_type,
    {{ json_text('responses.payload', 'hidden.phone') }} as identifier_value
from {{ current_versions('typeform', 'responses') }} as responses
where {{ json_text('responses.payload', 'hidden.phone') }} <> ''
