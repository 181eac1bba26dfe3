{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('media.%', 'month', 'month_start'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    max(units.currency) as currency,
    {{ figure('media.audience', 'persons', segment='all') }} as audience,
    {{ figure('media.audience', 'cookies', segment='all') }} as cookie_count,
    {{ figure('media.audience', 'logged_in_share', segment='all') }} as logged_in_share,
    {{ figure('media.audience', 'cookie_loss_bound', segment='all') }} as cookie_loss_bound,
    {{ figure('media.audience', 'returning', segment='all') }} as returning_share,
    {{ figure('media.audience', 'audience_churn', segment='all') }} as audience_churn,
    {{ figure('media.audience', 'subscriber_churn', segment='all') }} as subscriber_churn,
    {{ figure('media.audience', 'band_share', segment='1') }} as visits_1_share,
    {{ figure('media.audience', 'band_share', segment='2_3') }} as visits_2_3_share,
    {{ figure('media.audience', 'band_share', segment='4_8') }} as visits_4_8_share,
    {{ figure('media.audience', 'band_share', segment='9_plus') }} as visits_9_plus_share,
    {{ figure('media.ad_rates', 'rpm_page', 'denominator', segment='all') }} as page_view_count,
    {{ figure('media.ad_inventory', 'available', segment='all') }} as available_count,
    {{ figure('media.ad_inventory', 'sold', segment='all') }} as sold_count,
    {{ figure('media.ad_inventory', 'impressions', segment='all') }} as impression_count,
    {{ figure('media.ad_inventory', 'sell_through', segment='all') }} as sell_through,
    {{ figure('media.ad_inventory', 'fill_rate', segment='all') }} as fill_rate,
    {{ figure('media.ad_inventory', 'viewable_rate', segment='all') }} as viewable_rate,
    {{ figure('media.ad_rates', 'ecpm', 'numerator', segment='all') }} as ad_revenue,
    {{ figure('media.ad_rates', 'ecpm', segment='all') }} as ecpm,
    {{ figure('media.ad_rates', 'cpm_contracted', segment='all') }} as cpm_contracted,
    {{ figure('media.ad_rates', 'cpc', segment='all') }} as cpc,
    {{ figure('media.ad_rates', 'rpm_page', segment='all') }} as rpm_page,
    {{ figure('media.ad_rates', 'rps', segment='all') }} as revenue_per_session,
    {{ figure('media.click_through_rate', 'ctr', segment='all') }} as click_through_rate,
    {{ figure('media.click_through_rate', 'ctr_viewable', segment='all') }} as viewable_click_through_rate,
    {{ figure('media.click_through_rate', 'ivt_share', segment='all') }} as invalid_click_share,
    {{ figure('media.ad_balance', 'ad_load', segment='all') }} as ad_load,
    {{ figure('media.ad_balance', 'ads_per_content_minute', segment='all') }} as ads_per_content_minute,
    {{ figure('media.ad_balance', 'ad_share_of_screen', segment='all') }} as ad_share_of_screen,
    {{ figure('media.ad_balance', 'return_7d', segment='all') }} as return_7d,
    {{ figure('media.ad_balance', 'revenue_28d', segment='all') }} as revenue_28d_per_visitor,
    {{ figure('media.ad_balance', 'balance_point', segment='all') }} as balance_point,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'media.%'
    and period_grain_code = 'month'
    and segment_type_code in ('all', 'loyalty_band')
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
