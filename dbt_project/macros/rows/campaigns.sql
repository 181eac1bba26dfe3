{% macro rows_of_campaigns(source_name) %}
select
    records.parent_key as campaign_id,
    records.scope as business_unit_code,
    {{ row_text('campaign_name') }} as campaign_name,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    coalesce({{ row_text('kind_code') }}, 'marketing') as kind_code,
    {{ row_text('topic_code') }} as topic_code,
    {{ row_text('category_name') }} as category_name,
    {{ row_text('sku') }} as sku,
    {{ row_text('subject') }} as subject,
    {{ row_instant('sent_at') }} as sent_at,
    {{ row_instant('ended_at') }} as ended_at
{{ first_rows_of(source_name, 'campaigns') }}
{% endmacro %}
