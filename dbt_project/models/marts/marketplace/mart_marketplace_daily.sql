{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'calendar_date'],
    dirty_from=dirty_wide_rows('marketplace.%', 'day', 'calendar_date'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as calendar_date,
    max(units.currency) as currency,
    {{ figure('marketplace.inventory', 'listings_start') }} as listings_start,
    {{ figure('marketplace.inventory', 'new') }} as new_listing_count,
    {{ figure('marketplace.inventory', 'relisted') }} as relisted_listing_count,
    {{ figure('marketplace.inventory', 'sold_out') }} as sold_out_listing_count,
    {{ figure('marketplace.inventory', 'removed') }} as removed_listing_count,
    {{ figure('marketplace.inventory', 'listings_end') }} as listings_end,
    {{ figure('marketplace.search', 'search_success', 'denominator') }} as search_count,
    {{ figure('marketplace.search', 'search_success') }} as search_success,
    {{ figure('marketplace.search', 'zero_result_rate') }} as zero_result_rate,
    {{ figure('marketplace.search', 'search_to_order') }} as search_to_order,
    {{ figure('marketplace.pricing', 'bookings') }} as booking_count,
    {{ figure('marketplace.pricing', 'gmv') }} as gmv,
    {{ figure('marketplace.pricing', 'take_rate') }} as take_rate,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'marketplace.%' and period_grain_code = 'day' and segment_type_code = 'all'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
