{% for path, identifier_type in [('merge_fields.PHONE', 'phone'), ('email_address', 'email')] %}
{{ 'union all' if not loop.first }}
select
    members.record_key,
    members.record_key as profile_id,
    '{{ identifier_type }}' as identifier_type,
    {{ json_text('members.payload', path) }} as identifier_value
from {{ current_versions('mailchimp', 'members') }} as members
where {{ json_text('members.payload', path) }} <> ''
{% endfor %}
