{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('app.%', 'month', 'month_start'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    max(units.currency) as currency,
    {{ figure('app.downloads', 'first_installs') }} as first_install_count,
    {{ figure('app.downloads', 'total_downloads') }} as download_count,
    {{ figure('app.cac', 'cpi', 'numerator') }} as acquisition_cost,
    {{ figure('app.cac', 'cpi') }} as cost_per_install,
    {{ figure('app.cac', 'cac') }} as cac,
    {{ figure('app.cac', 'cac_payer') }} as cac_payer,
    {{ figure('app.launch_rate', 'launch') }} as launch_rate,
    {{ figure('app.launch_rate', 'account') }} as account_rate,
    {{ figure('app.active_share', 'mau') }} as monthly_active_share,
    {{ figure('app.active_share', 'dau') }} as daily_active_share,
    {{ figure('app.payer_share', 'month', 'denominator') }} as user_count,
    {{ figure('app.payer_share', 'month', 'numerator') }} as payer_count,
    {{ figure('app.payer_share', 'month') }} as payer_share,
    {{ figure('app.payer_share', 'payer_conv_d30') }} as payer_share_day_30,
    {{ figure('app.payer_share', 'payer_conv_d90') }} as payer_share_day_90,
    {{ figure('app.time_to_first_purchase', 'paid_by_30') }} as bought_by_day_30,
    {{ figure('app.time_to_first_purchase', 'paid_by_90') }} as bought_by_day_90,
    {{ figure('app.time_to_first_purchase', 'p50') }} as days_to_first_purchase_p50,
    {{ figure('app.time_to_first_purchase', 'naive_p50') }} as days_to_first_purchase_naive,
    {{ figure('app.revenue_per_user', 'arpu') }} as arpu,
    {{ figure('app.revenue_per_user', 'arpu_net_of_store_fee') }} as arpu_net_of_store_fee,
    {{ figure('app.revenue_per_user', 'arppu') }} as arppu,
    {{ figure('app.rating', 'rate_prompt_ctr') }} as rating_prompt_click_rate,
    {{ figure('app.rating', 'review_share', 'numerator') }} as new_rating_count,
    {{ figure('app.rating', 'review_share') }} as rating_share,
    {{ figure('app.churn', '28d') }} as churn_28d,
    {{ figure('app.churn', 'd1_loss') }} as loss_day_1,
    {{ figure('app.churn', 'd7_loss') }} as loss_day_7,
    {{ figure('app.churn', 'd30_loss') }} as loss_day_30,
    {{ figure('app.churn', 'reactivated') }} as reactivated_count,
    {{ figure('app.churn', 'uninstall_30d') }} as uninstall_share_day_30,
    {{ figure('app.lifetime_value', 'd7') }} as lifetime_value_day_7,
    {{ figure('app.lifetime_value', 'd30') }} as lifetime_value_day_30,
    {{ figure('app.lifetime_value', 'd90') }} as lifetime_value_day_90,
    {{ figure('app.lifetime_value', 'd365') }} as lifetime_value_day_365,
    {{ figure('app.lifetime_value', 'd365_predicted') }} as lifetime_value_day_365_predicted,
    {{ figure('app.lifetime_value', 'fit_r2') }} as lifetime_value_fit_r2,
    {{ figure('app.lifetime_value', 'holdout_error') }} as lifetime_value_holdout_error,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'app.%' and period_grain_code = 'month' and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
