{% for identifier_type in ['phone', 'email'] %}
{{ 'union all' if not loop.first }}
select
    customers.record_key as profile_id,
    '{{ identifier_type }}' as identifier_type,
    {{ json_text('customers.payload', identifier_type) }} as identifier_value
from {{ current_versions('stripe', 'customers') }} as customers
where {{ json_text('customers.payload', identifier_type) }} <> ''
{% endfor %}
