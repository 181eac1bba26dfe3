{% macro rows_of_content_days(source_name) %}
select
    records.parent_key as content_day_id,
    records.scope as business_unit_code,
    {{ row_reference('content_id') }} as content_id,
    {{ row_date('content_date') }} as content_date,
    {{ row_number_of('view_count') }} as view_count,
    {{ row_number_of('watch_seconds') }} as watch_seconds,
    {{ row_number_of('like_count') }} as like_count,
    {{ row_number_of('comment_count') }} as comment_count,
    {{ row_number_of('share_count') }} as share_count,
    {{ row_number_of('subscribers_gained') }} as subscribers_gained,
    {{ row_number_of('subscribers_lost') }} as subscribers_lost,
    {{ row_number_of('revenue_amount') }} as revenue_amount,
    {{ row_text('currency') }} as currency
{{ first_rows_of(source_name, 'content_days') }}
{% endmacro %}
