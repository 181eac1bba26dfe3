{% macro rows_of_identifiers(source_name) %}
select
    {# the record's own key holds the phone or the e-mail, and keys are logged #}
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as record_key,
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as profile_id,
    {{ json_text('records.payload', 'identifier_type') }} as identifier_type,
    {{ json_text('records.payload', 'identifier_value') }} as identifier_value
from {{ current_versions(source_name, 'identifiers') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
