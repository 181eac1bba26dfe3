{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'calendar_date'],
    dirty_from=dirty_wide_rows('ugc.%', 'day', 'calendar_date'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as calendar_date,
    {{ figure('ugc.engaged_visitors', 'engaged_share', 'denominator') }} as visitor_count,
    {{ figure('ugc.engaged_visitors', 'engaged') }} as engaged_visitor_count,
    {{ figure('ugc.engaged_visitors', 'engaged_share') }} as engaged_share,
    {{ figure('ugc.engaged_visitors', 'visits_per_engaged') }} as visits_per_engaged,
    {{ figure('ugc.sharing', 'share_rate', 'denominator') }} as view_count,
    {{ figure('ugc.sharing', 'share_rate', 'numerator') }} as share_count,
    {{ figure('ugc.sharing', 'share_rate') }} as share_rate,
    {{ figure('ugc.notification_effect', 'delivery_rate', 'denominator') }} as notification_count,
    {{ figure('ugc.notification_effect', 'delivery_rate', 'numerator') }} as delivered_count,
    {{ figure('ugc.notification_effect', 'open_rate', 'numerator') }} as opened_count,
    {{ figure('ugc.notification_effect', 'action_rate', 'numerator') }} as acted_count,
    {{ figure('ugc.notification_effect', 'open_rate') }} as open_rate,
    {{ figure('ugc.notification_effect', 'action_rate') }} as action_rate,
    {{ figure('ugc.notification_effect', 'effect') }} as notification_effect,
    {{ figure('ugc.notification_effect', 'optout_rate') }} as optout_rate,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
where metric_code like 'ugc.%'
    and period_grain_code = 'day'
    and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
