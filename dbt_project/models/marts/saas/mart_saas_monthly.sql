{# each column is a row of the metrics: nothing is computed twice #}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('saas.%', 'month', 'month_start'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    max(units.currency) as currency,
    {{ figure('saas.revenue_per_customer', 'arpa', 'numerator') }} as recurring_revenue,
    {{ figure('saas.revenue_per_customer', 'arpa', 'denominator') }} as paying_customer_count,
    {{ figure('saas.revenue_per_customer', 'arpa') }} as arpa,
    {{ figure('saas.revenue_per_customer', 'arpu') }} as arpu,
    {{ figure('saas.churn', 'logo') }} as logo_churn,
    {{ figure('saas.churn', 'logo_voluntary') }} as voluntary_churn,
    {{ figure('saas.churn', 'logo_involuntary') }} as involuntary_churn,
    {{ figure('saas.churn', 'revenue_gross') }} as gross_revenue_churn,
    {{ figure('saas.churn', 'revenue_net') }} as net_revenue_churn,
    {{ figure('saas.retention', 'customer_retention') }} as customer_retention,
    {{ figure('saas.retention', 'grr') }} as gross_revenue_retention,
    {{ figure('saas.retention', 'nrr') }} as net_revenue_retention,
    {{ figure('saas.retention', 'grr_12m') }} as gross_revenue_retention_12m,
    {{ figure('saas.retention', 'nrr_12m') }} as net_revenue_retention_12m,
    {{ figure('saas.upselling', 'upgrade_rate') }} as upgrade_rate,
    {{ figure('saas.upselling', 'expansion_rate') }} as expansion_rate,
    {{ figure('saas.upselling', 'prompt_to_upgrade') }} as prompt_to_upgrade_rate,
    {{ figure('saas.conversion_rate', 'opt_in') }} as opt_in_conversion_rate,
    {{ figure('saas.conversion_rate', 'opt_out') }} as opt_out_conversion_rate,
    {{ figure('saas.conversion_rate', 'freemium_d90') }} as freemium_conversion_rate,
    {{ figure('saas.enrollment', 'enroll', 'denominator') }} as visitor_count,
    {{ figure('saas.enrollment', 'enroll', 'numerator') }} as sign_up_count,
    {{ figure('saas.enrollment', 'enroll') }} as enroll_rate,
    {{ figure('saas.enrollment', 'activated_enroll') }} as activated_enroll_rate,
    {{ figure('saas.stickiness', 'mau') }} as monthly_active_users,
    {{ figure('saas.stickiness', 'dau_mau') }} as dau_over_mau,
    {{ figure('saas.stickiness', 'wau_mau') }} as wau_over_mau,
    {{ figure('saas.stickiness', 'dau_wau') }} as dau_over_wau,
    {{ figure('saas.retention', 'n_day_d1') }} as retention_day_1,
    {{ figure('saas.retention', 'n_day_d7') }} as retention_day_7,
    {{ figure('saas.retention', 'n_day_d30') }} as retention_day_30,
    {{ figure('saas.cac', 'paid') }} as cac_paid,
    {{ figure('saas.cac', 'blended') }} as cac_blended,
    {{ figure('saas.cac', 'payback_months') }} as cac_payback_months,
    {{ figure('saas.lifetime_value', 'historic') }} as lifetime_value_historic,
    {{ figure('saas.lifetime_value', 'simple') }} as lifetime_value_simple,
    {{ figure('saas.lifetime_value', 'predictive_12m') }} as lifetime_value_predictive_12m,
    {{ figure('saas.lifetime_value', 'predictive_24m') }} as lifetime_value_predictive_24m,
    {{ figure('saas.lifetime_value', 'predictive_36m') }} as lifetime_value_predictive_36m,
    {{ figure('saas.lifetime_value', 'ltv_cac') }} as lifetime_value_over_cac,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'saas.%' and period_grain_code = 'month' and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
