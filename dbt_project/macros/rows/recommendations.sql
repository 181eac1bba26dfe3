{% macro rows_of_recommendations(source_name) %}
select
    records.parent_key as recommendation_id,
    records.scope as business_unit_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_reference('anonymous_id') }} as anonymous_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_text('slot_name') }} as slot_name,
    {{ row_number_of('result_position') }} as result_position,
    {{ row_text('basis_code') }} as basis_code,
    {{ row_reference('product_id') }} as product_id,
    {{ row_reference('content_id') }} as content_id,
    {{ row_reference('listing_id') }} as listing_id,
    {{ row_instant('shown_at') }} as shown_at,
    {{ row_instant('clicked_at') }} as clicked_at,
    {{ row_instant('added_at') }} as added_at,
    {{ row_instant('bought_at') }} as bought_at,
    {{ row_reference('order_id') }} as order_id,
    coalesce({{ row_flag('is_control') }}, 0) as is_control
{{ first_rows_of(source_name, 'recommendations') }}
{% endmacro %}
