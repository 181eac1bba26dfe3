select
    identifies.record_key as profile_id,
    'phone' as identifier_type,
    {{ json_text('identifies.payload', 'traits.phone') }} as identifier_value
from {{ current_versions('segment', 'identifies') }} as identifies
where {{ json_text('identifies.payload', 'traits.phone') }} <> ''
union all
select
    identifies.record_key as profile_id,
    'email' as identifier_type,
    {{ json_text('identifies.payload', 'traits.email') }} as identifier_value
from {{ current_versions('segment', 'identifies') }} as identifies
where {{ json_text('identifies.payload', 'traits.email') }} <> ''
