{% macro rows_of_listings(source_name) %}
select
    records.parent_key as listing_id,
    records.scope as business_unit_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_text('title') }} as title,
    {{ row_text('category_name') }} as category_name,
    {{ row_text('city') }} as city,
    {{ row_instant('created_at') }} as created_at,
    {{ row_instant('published_at') }} as published_at,
    {{ row_instant('removed_at') }} as removed_at,
    {{ row_text('removal_reason_code') }} as removal_reason_code,
    {{ row_number_of('price') }} as price,
    {{ row_number_of('suggested_price') }} as suggested_price,
    {{ row_number_of('quantity') }} as quantity,
    {{ row_text('currency') }} as currency,
    coalesce({{ row_text('status_code') }}, 'live') as status_code
{{ first_rows_of(source_name, 'listings') }}
{% endmacro %}
