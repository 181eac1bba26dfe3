{% for property, identifier_type in [('phone', 'phone'), ('mobilephone', 'phone'), ('email', 'email')] %}
select
    contacts.record_key,
    contacts.record_key as profile_id,
    '{{ identifier_type }}' as identifier_type,
    {{ json_text('contacts.payload', 'properties.' ~ property) }} as identifier_value
from {{ current_versions('hubspot', 'contacts') }} as contacts
where {{ json_text('contacts.payload', 'properties.' ~ property) }} <> ''
union all
{% endfor %}
select
    contacts.record_key,
    contacts.record_key as profile_id,
    'email' as identifier_type,
    more.item as identifier_value
from {{ current_versions('hubspot', 'contacts') }} as contacts
cross join {{ text_parts(json_text('contacts.payload', 'properties.hs_additional_emails'), ';', 'more') }}
union all
{# a contact that was merged into this one: both have its former id, and are one customer #}
select
    contacts.record_key,
    holders.profile_id,
    'merged_id' as identifier_type,
    'hubspot/' || former.item as identifier_value
from {{ current_versions('hubspot', 'contacts') }} as contacts
cross join {{ text_parts(json_text('contacts.payload', 'properties.hs_merged_object_ids'), ';', 'former') }}
cross join lateral (values (contacts.record_key), (former.item)) as holders (profile_id)
