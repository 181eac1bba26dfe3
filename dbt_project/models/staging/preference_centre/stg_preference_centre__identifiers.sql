{% for identifier_type in ['phone', 'email'] %}
{{ 'union all' if not loop.first }}
select
    subjects.record_key as profile_id,
    '{{ identifier_type }}' as identifier_type,
    {{ json_text('subjects.payload', identifier_type) }} as identifier_value
from {{ current_versions('preference_centre', 'subjects') }} as subjects
where {{ json_text('subjects.payload', identifier_type) }} <> ''
{% endfor %}
