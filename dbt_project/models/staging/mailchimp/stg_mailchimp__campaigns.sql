select
    campaigns.record_key as campaign_id,
    'shop_online' as business_unit_code,
    {{ json_text('campaigns.payload', 'settings.title') }} as campaign_name,
    'email' as channel_code,
    'marketing' as kind_code,
    cast(null as text) as topic_code,
    {# a campaign has no field for what it is about: it is the second and third part of its title #}
    nullif(trim(split_part({{ json_text('campaigns.payload', 'settings.title') }}, '|', 2)), '') as category_name,
    nullif(trim(split_part({{ json_text('campaigns.payload', 'settings.title') }}, '|', 3)), '') as sku,
    {{ json_text('campaigns.payload', 'settings.subject_line') }} as subject,
    {{ json_timestamp('campaigns.payload', 'send_time') }} as sent_at,
    cast(null as {{ type_instant() }}) as ended_at
from {{ current_versions('mailchimp', 'campaigns') }} as campaigns
