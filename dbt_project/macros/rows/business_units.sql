{% macro rows_of_business_units(source_name) %}
select
    records.scope as business_unit_code,
    {{ json_text('records.payload', 'name_vi') }} as name_vi,
    {{ json_text('records.payload', 'name_en') }} as name_en,
    {{ json_text('records.payload', 'business_type_code') }} as business_type_code,
    {{ json_text('records.payload', 'stage_code') }} as stage_code,
    {{ json_text('records.payload', 'currency') }} as currency,
    {{ json_text('records.payload', 'time_zone') }} as time_zone
from {{ current_versions(source_name, 'business_units') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
