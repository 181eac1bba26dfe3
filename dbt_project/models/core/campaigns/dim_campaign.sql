{{ config(
    unique_key=['campaign_key'],
    dirty_key=['source_key', 'campaign_id'],
    dirty_from=dirty_by('campaigns', 'campaign_id'),
    change_carries=['source_key', 'campaign_id'],
    indexes=[{'columns': ['source_key', 'campaign_id']}],
) }}

select
    {{ stamped('campaigns') }},
    {{ known_channel() }},
    campaigns.source_key || ':' || campaigns.campaign_id as campaign_key,
    campaigns.campaign_id,
    campaigns.campaign_name,
    campaigns.kind_code,
    campaigns.topic_code,
    campaigns.category_name,
    campaigns.sku,
    {{ masked('left(campaigns.subject, 500)') }} as subject,
    {{ local_time('campaigns.sent_at', 'units.time_zone') }} as sent_at_local,
    {{ local_date('campaigns.sent_at', 'units.time_zone') }} as sent_date,
    {{ local_date('campaigns.ended_at', 'units.time_zone') }} as ended_date
from {{ ref('int_campaigns_unioned') }} as campaigns
{{ join_unit('campaigns') }}
{{ join_channel('campaigns') }}
where {{ is_dirty('campaigns') }}
union all
select *
from (
    select
        'unknown' as source_key,
        'unknown' as business_unit_code,
        'unknown' as channel_code,
        'unknown' as campaign_key,
        'unknown' as campaign_id,
        'Chưa xác định / Unknown' as campaign_name,
        'unknown' as kind_code,
        cast(null as varchar) as topic_code,
        cast(null as varchar) as category_name,
        cast(null as varchar) as sku,
        cast(null as varchar) as subject,
        cast(null as timestamp) as sent_at_local,
        cast(null as date) as sent_date,
        cast(null as date) as ended_date
) as unknown_member
where {{ is_dirty('unknown_member') }}
