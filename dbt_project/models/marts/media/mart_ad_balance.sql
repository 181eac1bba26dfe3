{# each column is a row of the metrics; the decile that brings most is marked as the metric says #}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'decile'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('media.ad_balance', 'month', 'month_start'),
) }}

with best as (
    select business_unit_code, period_start, value as decile
    from {{ ref('mart_metrics') }}
    where metric_code = 'media.ad_balance' and variant_code = 'balance_point' and segment_type_code = 'all'
)

select
    figures.business_unit_code,
    max(figures.business_unit_name_vi) as business_unit_name_vi,
    max(figures.business_unit_name_en) as business_unit_name_en,
    figures.period_start as month_start,
    cast(figures.segment_code as integer) as decile,
    max(units.currency) as currency,
    {{ figure('media.ad_balance', 'return_7d', 'figures.denominator') }} as visitor_count,
    {{ figure('media.ad_balance', 'ad_load', 'figures.value') }} as ad_load,
    {{ figure('media.ad_balance', 'ads_per_content_minute', 'figures.value') }} as ads_per_content_minute,
    {{ figure('media.ad_balance', 'ad_share_of_screen', 'figures.value') }} as ad_share_of_screen,
    {{ figure('media.ad_balance', 'engaged_rate', 'figures.value') }} as engaged_rate,
    {{ figure('media.ad_balance', 'pages_per_session', 'figures.value') }} as pages_per_session,
    {{ figure('media.ad_balance', 'return_7d', 'figures.value') }} as return_7d,
    {{ figure('media.ad_balance', 'rps', 'figures.value') }} as revenue_per_session,
    {{ figure('media.ad_balance', 'revenue_28d', 'figures.value') }} as revenue_28d_per_visitor,
    max(case when best.decile = cast(figures.segment_code as integer) then 1 else 0 end) as is_balance_point,
    max(figures.is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
left join best
    on best.business_unit_code = figures.business_unit_code
    and best.period_start = figures.period_start
where figures.metric_code = 'media.ad_balance' and figures.segment_type_code = 'ad_load_decile'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, figures.period_start, figures.segment_code
