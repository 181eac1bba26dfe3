{% macro rows_of_customers(source_name) %}
select
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as profile_id,
    records.scope as business_unit_code,
    {{ json_text('records.payload', 'full_name') }} as full_name,
    {{ plausible_year(json_number('records.payload', 'birth_year')) }} as birth_year,
    {{ json_text('records.payload', 'city') }} as city,
    coalesce({{ json_text('records.payload', 'is_internal') }}, 'false') in ('true', '1') as is_internal,
    {{ json_timestamp('records.payload', 'created_at') }} as created_at
from {{ current_versions(source_name, 'customers') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
