{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'calendar_date'],
    dirty_from=dirty_wide_rows('saas.%', 'day', 'calendar_date'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as calendar_date,
    {{ figure('saas.stickiness', 'dau') }} as daily_active_users,
    {{ figure('saas.stickiness', 'wau') }} as weekly_active_users,
    {{ figure('saas.stickiness', 'mau') }} as monthly_active_users,
    {{ figure('saas.enrollment', 'enroll', 'denominator') }} as visitor_count,
    {{ figure('saas.enrollment', 'enroll', 'numerator') }} as sign_up_count,
    {{ figure('saas.enrollment', 'enroll') }} as enroll_rate,
    {{ figure('saas.enrollment', 'activated_enroll') }} as activated_enroll_rate,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
where metric_code like 'saas.%' and period_grain_code = 'day' and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
