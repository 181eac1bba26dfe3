{% macro rows_of_products(source_name) %}
select
    records.scope || '/' || {{ json_text('records.payload', 'product_id') }} as product_id,
    records.scope as business_unit_code,
    {{ json_text('records.payload', 'sku') }} as sku,
    {{ json_text('records.payload', 'product_name') }} as product_name,
    {{ json_text('records.payload', 'category_name') }} as category_name
from {{ current_versions(source_name, 'products') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
