{% macro rows_of_spend_days(source_name) %}
select
    records.parent_key as spend_day_id,
    records.scope as business_unit_code,
    {{ row_date('spend_date') }} as spend_date,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_reference('campaign_id') }} as campaign_id,
    {{ row_text('campaign_name') }} as campaign_name,
    coalesce({{ row_text('cost_kind_code') }}, 'media') as cost_kind_code,
    coalesce({{ row_text('purpose_code') }}, 'acquisition') as purpose_code,
    {{ row_number_of('impressions') }} as impressions,
    {{ row_number_of('clicks') }} as clicks,
    {{ row_number_of('conversions') }} as conversions,
    {{ row_number_of('amount') }} as amount,
    {{ row_text('currency') }} as currency
{{ first_rows_of(source_name, 'spend_days') }}
{% endmacro %}
