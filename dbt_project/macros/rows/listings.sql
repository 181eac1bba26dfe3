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

{#
    What a listing was, from when on. A source that does not say since when it is so tells its present state alone; what
    is told of the same moment again is a correction of it.
#}
{% macro rows_of_listing_versions(source_name) %}
select
    listing_id, business_unit_code, profile_id, category_name, effective_at, published_at, removed_at, removal_reason_code,
    price, suggested_price, quantity, currency, status_code
from (
    select
        records.parent_key as listing_id,
        records.scope as business_unit_code,
        {{ row_reference('profile_id') }} as profile_id,
        {{ row_text('category_name') }} as category_name,
        coalesce(
            {{ row_instant('updated_at') }},
            case when {{ row_text('status_code') }} in ('removed', 'sold_out') then {{ row_instant('removed_at') }} end,
            {{ row_instant('published_at') }},
            {{ row_instant('created_at') }}
        ) as effective_at,
        {{ row_instant('published_at') }} as published_at,
        {{ row_instant('removed_at') }} as removed_at,
        {{ row_text('removal_reason_code') }} as removal_reason_code,
        {{ row_number_of('price') }} as price,
        {{ row_number_of('suggested_price') }} as suggested_price,
        {{ row_number_of('quantity') }} as quantity,
        {{ row_text('currency') }} as currency,
        coalesce({{ row_text('status_code') }}, 'live') as status_code,
        row_number() over (
            partition by records.parent_key, {{ row_instant('updated_at') }}
            order by records.version desc, records.acceptance_id desc, records.ordinal desc
        ) as recency
    from {{ all_versions(source_name, 'listings') }} as records
    where {{ is_first_of_its_key() }}
) as versions
where recency = 1 and effective_at is not null
{% endmacro %}
