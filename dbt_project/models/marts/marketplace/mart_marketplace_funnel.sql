{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'funnel_code', 'step_number'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('marketplace.funnel', 'month', 'month_start'),
) }}

with steps as (
    select
        figures.*,
        case when variant_code like 'buyer%' then 'buyer' else 'seller' end as funnel_code,
        case
            when segment_code in ('search', 'signup') then 1
            when segment_code in ('view', 'listing') then 2
            when segment_code in ('add', 'first_view') then 3
            when segment_code in ('checkout', 'first_sale') then 4
            when segment_code = 'paid' then 5
            when segment_code = 'completed' then 6
        end as step_number
    from {{ ref('mart_metrics') }} as figures
    where metric_code = 'marketplace.funnel' and period_grain_code = 'month'
        and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
)

select
    business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    funnel_code,
    step_number,
    max(segment_code) as step_code,
    max(segment_name_vi) as step_name_vi,
    max(segment_name_en) as step_name_en,
    max(case when variant_code like '%cumulative' then denominator end) as entered_count,
    max(case when variant_code like '%step' then denominator end) as former_count,
    max(case when variant_code like '%cumulative' then numerator end) as passed_count,
    max(case when variant_code like '%step' then value end) as step_rate,
    max(case when variant_code like '%cumulative' then value end) as cumulative_rate,
    max(case when variant_code like '%minutes!_p50' escape '!' then value end) as minutes_p50,
    max(is_provisional) as is_provisional
from steps
group by business_unit_code, period_start, funnel_code, step_number
