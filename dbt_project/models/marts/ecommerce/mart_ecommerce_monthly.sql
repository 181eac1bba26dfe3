{#
    A column is a row of `mart_metrics`, of all segments together: nothing is computed twice. `value` by itself, or the
    parts that it is divided from.
#}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from={
        'mart_metrics': "select business_unit_code, period_start as month_start from {changed}"
            ~ " where period_grain_code = 'month'",
        'dim_business_unit': "select t.business_unit_code, t.month_start from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code",
    },
) }}

{% set columns = [
    ('session_count', 'ecommerce.conversion_rate', 'session', 'denominator'),
    ('ordering_session_count', 'ecommerce.conversion_rate', 'session', 'numerator'),
    ('conversion_rate_session', 'ecommerce.conversion_rate', 'session', 'value'),
    ('conversion_rate_visitor', 'ecommerce.conversion_rate', 'visitor', 'value'),
    ('conversion_rate_net', 'ecommerce.conversion_rate', 'net', 'value'),
    ('average_order_value', 'ecommerce.average_order_value', 'net', 'value'),
    ('median_order_value', 'ecommerce.average_order_value', 'net_median', 'value'),
    ('units_per_order', 'ecommerce.average_order_value', 'units_per_order', 'value'),
    ('products_per_order', 'ecommerce.average_order_value', 'lines_per_order', 'value'),
    ('average_cart_value', 'ecommerce.average_order_value', 'cart_value', 'value'),
    ('median_cart_value', 'ecommerce.average_order_value', 'cart_value_median', 'value'),
    ('cart_count', 'ecommerce.cart_abandonment', 'cart', 'denominator'),
    ('abandoned_cart_count', 'ecommerce.cart_abandonment', 'cart', 'numerator'),
    ('cart_abandonment_rate', 'ecommerce.cart_abandonment', 'cart', 'value'),
    ('checkout_abandonment_rate', 'ecommerce.cart_abandonment', 'checkout', 'value'),
    ('recovered_elsewhere_rate', 'ecommerce.cart_abandonment', 'recovered_elsewhere', 'value'),
    ('abandoned_amount', 'ecommerce.cart_abandonment', 'value_abandoned', 'value'),
    ('product_abandonment_rate', 'ecommerce.product_abandonment', 'within_30d', 'value'),
    ('brand_lapse_rate', 'ecommerce.brand_lapse', 'silence', 'value'),
    ('brand_lapse_rate_alive', 'ecommerce.brand_lapse', 'alive', 'value'),
    ('lapse_limit_days', 'ecommerce.brand_lapse', 'limit_days', 'value'),
    ('repurchase_rate_90d', 'ecommerce.periodical_purchase', 'next_90d', 'value'),
    ('revenue_per_buyer', 'ecommerce.revenue_per_customer', 'buyers', 'value'),
    ('revenue_per_active_customer', 'ecommerce.revenue_per_customer', 'active', 'value'),
    ('revenue_per_customer_12m', 'ecommerce.revenue_per_customer', 'cohort_12m', 'value'),
    ('acquisition_cost_amount', 'ecommerce.cac', 'blended', 'numerator'),
    ('new_customer_count', 'ecommerce.cac', 'blended', 'denominator'),
    ('cac_paid', 'ecommerce.cac', 'paid', 'value'),
    ('cac_blended', 'ecommerce.cac', 'blended', 'value'),
    ('payback_months', 'ecommerce.cac', 'payback_months', 'value'),
    ('recommendation_count', 'ecommerce.recommendation_acceptance', 'add', 'denominator'),
    ('recommendation_add_rate', 'ecommerce.recommendation_acceptance', 'add', 'value'),
    ('recommendation_click_rate', 'ecommerce.recommendation_acceptance', 'click', 'value'),
    ('recommendation_buy_rate_7d', 'ecommerce.recommendation_acceptance', 'buy_7d', 'value'),
    ('recommendation_revenue_share', 'ecommerce.recommendation_acceptance', 'revenue_share', 'value'),
    ('k_factor', 'ecommerce.virality', 'k_factor', 'value'),
    ('invites_per_customer', 'ecommerce.virality', 'invites_per_customer', 'value'),
    ('invite_accept_rate', 'ecommerce.virality', 'invite_accept', 'value'),
    ('invite_cycle_days', 'ecommerce.virality', 'cycle_days', 'value'),
    ('share_rate', 'ecommerce.virality', 'share_rate', 'value'),
    ('delivered_mail_count', 'ecommerce.mail_click_rate', 'unique', 'denominator'),
    ('mail_click_rate_unique', 'ecommerce.mail_click_rate', 'unique', 'value'),
    ('mail_clicks_per_mail', 'ecommerce.mail_click_rate', 'total', 'value'),
    ('mail_click_to_open_rate', 'ecommerce.mail_click_rate', 'click_to_open', 'value'),
    ('mail_machine_click_share', 'ecommerce.mail_click_rate', 'machine_share', 'value'),
] %}

with metric_rows as (
    select
        metrics.business_unit_code,
        metrics.period_start as month_start,
        metrics.metric_code,
        metrics.variant_code,
        metrics.value,
        metrics.numerator,
        metrics.denominator,
        metrics.is_provisional
    from {{ ref('mart_metrics') }} as metrics
    where metrics.period_grain_code = 'month'
        and metrics.segment_type_code = 'all'
        and metrics.metric_code in ('{{ columns | map(attribute=1) | unique | join("', '") }}')
        and {{ is_dirty('metrics', ['business_unit_code', 'period_start']) }}
)

select
    metric_rows.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    metric_rows.month_start,
    units.currency
    {%- for name, metric, variant, part in columns %},
    max(case
        when metric_rows.metric_code = '{{ metric }}' and metric_rows.variant_code = '{{ variant }}'
            then metric_rows.{{ part }}
    end) as {{ name }}
    {%- endfor %},
    max(metric_rows.is_provisional) as is_provisional
from metric_rows
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = metric_rows.business_unit_code
where units.business_type_code = 'ecommerce'
group by metric_rows.business_unit_code, units.name_vi, units.name_en, metric_rows.month_start, units.currency
