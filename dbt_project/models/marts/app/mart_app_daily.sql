{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'calendar_date'],
    dirty_from=dirty_wide_rows('app.%', 'day', 'calendar_date'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as calendar_date,
    {{ figure('app.downloads', 'first_installs') }} as first_install_count,
    {{ figure('app.downloads', 'total_downloads') }} as download_count,
    {{ figure('app.active_share', 'dau', 'numerator') }} as daily_active_users,
    {{ figure('app.active_share', 'mau', 'numerator') }} as monthly_active_users,
    {{ figure('app.active_share', 'mau', 'denominator') }} as installed_base,
    {{ figure('app.active_share', 'dau') }} as daily_active_share,
    {{ figure('app.active_share', 'mau') }} as monthly_active_share,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
where metric_code like 'app.%' and period_grain_code = 'day' and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
