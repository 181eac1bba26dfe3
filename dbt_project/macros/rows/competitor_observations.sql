{% macro rows_of_competitor_observations(source_name) %}
select
    records.parent_key as observation_id,
    records.scope as business_unit_code,
    {{ row_text('competitor_name') }} as competitor_name,
    {{ row_reference('product_id') }} as product_id,
    {{ row_text('sku') }} as sku,
    {{ row_text('product_name') }} as product_name,
    {{ row_text('metric_code') }} as metric_code,
    {{ row_number_of('observed_value') }} as observed_value,
    {{ row_text('currency') }} as currency,
    {{ row_instant('observed_at') }} as observed_at
{{ first_rows_of(source_name, 'competitor_observations') }}
{% endmacro %}
