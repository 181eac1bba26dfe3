{{ config(
    unique_key=['source_key', 'spend_day_id'],
    dirty_from=dirty_by('spend_days', 'spend_day_id', of=['campaign']),
    change_carries=['business_unit_code', 'spend_date'],
    indexes=[
        {'columns': ['source_key', 'campaign_id']}, {'columns': ['spend_date']},
        {'columns': ['business_unit_code', 'spend_date']},
    ],
) }}

select
    {{ stamped('spend_days') }},
    {{ known_channel() }},
    spend_days.spend_day_id,
    spend_days.spend_date,
    coalesce(campaign.campaign_key, 'unknown') as campaign_key,
    spend_days.campaign_id,
    coalesce(spend_days.campaign_name, campaign.campaign_name) as campaign_name,
    spend_days.cost_kind_code,
    spend_days.purpose_code,
    spend_days.impressions as impression_count,
    spend_days.clicks as click_count,
    spend_days.conversions as conversion_count,
    coalesce(spend_days.currency, units.currency) as currency,
    coalesce(spend_days.amount, 0) as amount
from {{ ref('int_spend_days_unioned') }} as spend_days
{{ join_unit('spend_days') }}
{{ join_channel('spend_days') }}
{{ join_own_dimension('campaign', 'spend_days') }}
where {{ is_dirty('spend_days') }}
