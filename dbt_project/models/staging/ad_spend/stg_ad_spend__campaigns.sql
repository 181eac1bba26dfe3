select
    campaigns.record_key as campaign_id,
    {{ json_text('campaigns.payload', 'business_unit') }} as business_unit_code,
    {{ json_text('campaigns.payload', 'name') }} as campaign_name,
    'facebook_ads' as channel_code,
    'marketing' as kind_code,
    cast(null as text) as topic_code,
    cast(null as text) as category_name,
    cast(null as text) as sku,
    cast(null as text) as subject,
    {{ json_timestamp('campaigns.payload', 'start_time') }} as sent_at,
    {{ json_timestamp('campaigns.payload', 'stop_time') }} as ended_at
from {{ current_versions('ad_spend', 'facebook_campaigns') }} as campaigns
union all
select
    campaigns.record_key as campaign_id,
    {{ json_text('campaigns.payload', 'business_unit') }} as business_unit_code,
    {{ json_text('campaigns.payload', 'campaign.name') }} as campaign_name,
    'google_ads' as channel_code,
    'marketing' as kind_code,
    cast(null as text) as topic_code,
    cast(null as text) as category_name,
    cast(null as text) as sku,
    cast(null as text) as subject,
    cast(null as {{ type_instant() }}) as sent_at,
    cast(null as {{ type_instant() }}) as ended_at
from {{ current_versions('ad_spend', 'google_campaigns') }} as campaigns
