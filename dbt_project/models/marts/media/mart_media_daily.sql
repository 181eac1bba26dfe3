{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'calendar_date'],
    dirty_from=dirty_wide_rows('media.%', 'day', 'calendar_date'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as calendar_date,
    max(units.currency) as currency,
    {{ figure('media.audience', 'persons') }} as audience,
    {{ figure('media.audience', 'cookies') }} as cookie_count,
    {{ figure('media.audience', 'logged_in_share') }} as logged_in_share,
    {{ figure('media.audience', 'cookie_loss_bound') }} as cookie_loss_bound,
    {{ figure('media.ad_rates', 'rpm_page', 'denominator') }} as page_view_count,
    {{ figure('media.ad_inventory', 'available') }} as available_count,
    {{ figure('media.ad_inventory', 'sold') }} as sold_count,
    {{ figure('media.ad_inventory', 'impressions') }} as impression_count,
    {{ figure('media.ad_inventory', 'sell_through') }} as sell_through,
    {{ figure('media.ad_inventory', 'fill_rate') }} as fill_rate,
    {{ figure('media.ad_inventory', 'viewable_rate') }} as viewable_rate,
    {{ figure('media.ad_rates', 'ecpm', 'numerator') }} as ad_revenue,
    {{ figure('media.ad_rates', 'ecpm') }} as ecpm,
    {{ figure('media.ad_rates', 'cpm_contracted') }} as cpm_contracted,
    {{ figure('media.ad_rates', 'cpc') }} as cpc,
    {{ figure('media.ad_rates', 'rpm_page') }} as rpm_page,
    {{ figure('media.ad_rates', 'rps') }} as revenue_per_session,
    {{ figure('media.click_through_rate', 'ctr') }} as click_through_rate,
    {{ figure('media.click_through_rate', 'ctr_viewable') }} as viewable_click_through_rate,
    {{ figure('media.click_through_rate', 'ivt_share') }} as invalid_click_share,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'media.%'
    and period_grain_code = 'day'
    and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
