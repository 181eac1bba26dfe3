{% set on_facebook = "'facebook/' || " ~ json_text('days.payload', 'campaign_id') %}
{% set on_google = "'google/' || " ~ json_text('days.payload', 'campaign.id') %}
{# Facebook counts an action under many names at once; these are of no one another #}
{% set conversions = "('purchase', 'lead', 'mobile_app_install')" %}
select
    days.record_key as spend_day_id,
    {{ json_text('days.payload', 'business_unit') }} as business_unit_code,
    cast({{ json_text('days.payload', 'date_start') }} as date) as spend_date,
    'facebook_ads' as channel_code,
    {{ on_facebook }} as campaign_id,
    {{ json_text('days.payload', 'campaign_name') }} as campaign_name,
    'media' as cost_kind_code,
    coalesce(nullif({{ code_for('spend_purpose', 'ad_spend', on_facebook) }}, 'unknown'), 'acquisition')
        as purpose_code,
    {{ json_number('days.payload', 'impressions') }} as impressions,
    {# those that lead to the shop, as Google counts them, not those on "like" #}
    coalesce({{ json_number('days.payload', 'inline_link_clicks') }}, 0) as clicks,
    (
        select coalesce(sum({{ json_number('action.item', 'value') }}), 0)
        from {{ json_elements('days.payload', 'actions', 'action') }}
        where {{ json_text('action.item', 'action_type') }} in {{ conversions }}
    ) as conversions,
    {{ json_number('days.payload', 'spend') }} as amount,
    {{ json_text('days.payload', 'account_currency') }} as currency
from {{ current_versions('ad_spend', 'facebook_days') }} as days
union all
select
    days.record_key as spend_day_id,
    {{ json_text('days.payload', 'business_unit') }} as business_unit_code,
    cast({{ json_text('days.payload', 'segments.date') }} as date) as spend_date,
    'google_ads' as channel_code,
    {{ on_google }} as campaign_id,
    {{ json_text('days.payload', 'campaign.name') }} as campaign_name,
    'media' as cost_kind_code,
    coalesce(nullif({{ code_for('spend_purpose', 'ad_spend', on_google) }}, 'unknown'), 'acquisition')
        as purpose_code,
    {{ json_number('days.payload', 'metrics.impressions') }} as impressions,
    {{ json_number('days.payload', 'metrics.clicks') }} as clicks,
    {{ json_number('days.payload', 'metrics.conversions') }} as conversions,
    cast(
        cast({{ json_text('days.payload', 'metrics.costMicros') }} as bigint) / 1000000.0 as numeric(18, 4)
    ) as amount,
    {{ json_text('days.payload', 'customer.currencyCode') }} as currency
from {{ current_versions('ad_spend', 'google_days') }} as days
