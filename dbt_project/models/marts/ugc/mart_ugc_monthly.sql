{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('ugc.%', 'month', 'month_start'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    max(units.currency) as currency,
    {{ figure('ugc.content_creation', 'creator_share', 'denominator', segment='all') }} as active_user_count,
    {{ figure('ugc.content_creation', 'creator_share', 'numerator', segment='all') }} as creator_count,
    {{ figure('ugc.content_creation', 'creator_share', segment='all') }} as creator_share,
    {{ figure('ugc.content_creation', 'items_per_creator', 'numerator', segment='all') }} as item_count,
    {{ figure('ugc.content_creation', 'items_per_creator', segment='all') }} as items_per_creator,
    {{ figure('ugc.content_creation', 'top_1_percent_share', segment='all') }} as top_1_percent_share,
    {{ figure('ugc.content_creation', 'gini_creators', segment='all') }} as gini_creators,
    {{ figure('ugc.content_creation', 'gini_active', segment='all') }} as gini_active,
    {{ figure('ugc.content_creation', 'first_contribution_p50', segment='all') }} as days_to_first_contribution,
    {{ figure('ugc.content_creation', 'contributed_by_30', segment='all') }} as contributed_by_day_30,
    {{ figure('ugc.engagement_funnel', 'tier_share', segment='lurker') }} as lurker_tier_share,
    {{ figure('ugc.engagement_funnel', 'tier_share', segment='reactor') }} as reactor_tier_share,
    {{ figure('ugc.engagement_funnel', 'tier_share', segment='commenter') }} as commenter_tier_share,
    {{ figure('ugc.engagement_funnel', 'tier_share', segment='creator') }} as creator_tier_share,
    {{ figure('ugc.engagement_funnel', 'tier_share', segment='core') }} as core_tier_share,
    {{ figure('ugc.engagement_funnel', 'up_rate', segment='all') }} as up_rate,
    {{ figure('ugc.engagement_funnel', 'down_rate', segment='all') }} as down_rate,
    {{ figure('ugc.engagement_funnel', 'exit_rate', segment='all') }} as exit_rate,
    {{ figure('ugc.content_value', 'value_per_item', segment='all') }} as value_per_item,
    {{ figure('ugc.content_value', 'net', segment='all') }} as net_value_per_item,
    {{ figure('ugc.content_value', 'value_per_creator', segment='all') }} as value_per_creator,
    {{ figure('ugc.content_value', 'half_life_days', segment='all') }} as half_life_days,
    {{ figure('ugc.sharing', 'share_rate', 'denominator', segment='all') }} as view_count,
    {{ figure('ugc.sharing', 'share_rate', 'numerator', segment='all') }} as share_count,
    {{ figure('ugc.sharing', 'share_rate', segment='all') }} as share_rate,
    {{ figure('ugc.sharing', 'new_per_sharer', segment='all') }} as new_per_sharer,
    {{ figure('ugc.sharing', 'k_content', segment='all') }} as k_content,
    {{ figure('ugc.sharing', 'cascade_depth_p90', segment='all') }} as cascade_depth_p90,
    {{ figure('ugc.notification_effect', 'delivery_rate', 'denominator', segment='all') }} as notification_count,
    {{ figure('ugc.notification_effect', 'delivery_rate', 'numerator', segment='all') }} as delivered_count,
    {{ figure('ugc.notification_effect', 'open_rate', 'numerator', segment='all') }} as opened_count,
    {{ figure('ugc.notification_effect', 'action_rate', 'numerator', segment='all') }} as acted_count,
    {{ figure('ugc.notification_effect', 'open_rate', segment='all') }} as open_rate,
    {{ figure('ugc.notification_effect', 'action_rate', segment='all') }} as action_rate,
    {{ figure('ugc.notification_effect', 'effect', segment='all') }} as notification_effect,
    {{ figure('ugc.notification_effect', 'optout_rate', segment='all') }} as optout_rate,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'ugc.%'
    and period_grain_code = 'month'
    and segment_type_code in ('all', 'engagement_tier')
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
