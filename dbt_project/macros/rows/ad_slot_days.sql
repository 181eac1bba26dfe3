{% macro rows_of_ad_slot_days(source_name) %}
select
    records.parent_key as ad_slot_day_id,
    records.scope as business_unit_code,
    {{ row_date('slot_date') }} as slot_date,
    {{ row_reference('slot_id') }} as slot_id,
    {{ row_text('slot_name') }} as slot_name,
    {{ row_text('deal_code') }} as deal_code,
    {{ row_number_of('page_view_count') }} as page_view_count,
    {{ row_number_of('rendered_count') }} as rendered_count,
    {{ row_number_of('request_count') }} as request_count,
    {{ row_number_of('booked_count') }} as booked_count,
    {{ row_number_of('impression_count') }} as impression_count,
    {{ row_number_of('viewable_impression_count') }} as viewable_impression_count,
    {{ row_number_of('click_count') }} as click_count,
    {{ row_number_of('invalid_click_count') }} as invalid_click_count,
    {{ row_number_of('revenue_amount') }} as revenue_amount,
    {{ row_text('currency') }} as currency
{{ first_rows_of(source_name, 'ad_slot_days') }}
{% endmacro %}
