{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'category_name'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('marketplace.%', 'month', 'month_start'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    segment_code as category_name,
    max(units.currency) as currency,
    {{ figure('marketplace.inventory', 'listings_start') }} as listings_start,
    {{ figure('marketplace.inventory', 'new') }} as new_listing_count,
    {{ figure('marketplace.inventory', 'listings_end') }} as listings_end,
    {{ figure('marketplace.inventory', 'units_end') }} as units_end,
    {{ figure('marketplace.inventory', 'stale_share') }} as stale_share,
    {{ figure('marketplace.pricing', 'bookings') }} as booking_count,
    {{ figure('marketplace.pricing', 'gmv') }} as gmv,
    {{ figure('marketplace.pricing', 'take_rate') }} as take_rate,
    {{ figure('marketplace.pricing', 'discount_depth') }} as discount_depth,
    {{ figure('marketplace.pricing', 'price_p50') }} as price_p50,
    {{ figure('marketplace.pricing', 'price_dispersion') }} as price_dispersion,
    {{ figure('marketplace.trust', 'rating_bayes') }} as rating_bayes,
    {{ figure('marketplace.trust', 'low_star_share') }} as low_star_share,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'marketplace.%' and period_grain_code = 'month' and segment_type_code = 'category'
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start, segment_code
