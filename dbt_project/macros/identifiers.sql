{# The phone and the e-mail of profiles, from relations that hold `profile_id`, `phone` and `email`. #}
{% macro phones_and_emails(relations) %}
{% for relation in relations %}
{% for identifier_type in ['phone', 'email'] %}
select
    profile_id,
    '{{ identifier_type }}' as identifier_type,
    {{ identifier_type }} as identifier_value
from {{ relation }}
where {{ identifier_type }} <> ''
{{ 'union all' if not loop.last }}
{% endfor %}
{{ 'union all' if not loop.last }}
{% endfor %}
{% endmacro %}

{# What is asked of every customer, and kept of each profile that says it. #}
{% macro profile_attributes() %}{{ return(['full_name', 'phone', 'email', 'birth_year', 'city']) }}{% endmacro %}
