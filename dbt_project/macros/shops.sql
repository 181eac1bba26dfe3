{# What a shop says itself of how many orders it has, by day. #}
{% macro shop_order_counts(source_name) %}
select
    counts.record_key as control_total_id,
    'shop_online' as business_unit_code,
    'order_count' as measure_code,
    cast({{ json_text('counts.payload', 'day') }} as date) as period_date,
    {{ json_number('counts.payload', 'count') }} as total_value,
    {{ json_number('counts.payload', 'count') }} as record_count
from {{ current_versions(source_name, 'order_counts') }} as counts
{% endmacro %}

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
