{# each column is a row of the metrics: nothing is computed twice, and a ratio is not divided again #}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from=dirty_wide_rows('marketplace.%', 'month', 'month_start'),
) }}

select
    figures.business_unit_code,
    max(business_unit_name_vi) as business_unit_name_vi,
    max(business_unit_name_en) as business_unit_name_en,
    period_start as month_start,
    max(units.currency) as currency,
    {%- for side, name in [('buyer', 'buyers'), ('seller', 'sellers')] %}
    {%- for variant, column in [
        ('active_start', 'start'), ('new', 'new'), ('reactivated', 'reactivated'), ('lapsed', 'lapsed'),
        ('active_end', 'end'), ('net_growth', 'net_growth'), ('growth_rate', 'growth_rate'),
    ] %}
    max(
        case
            when metric_code = 'marketplace.growth' and variant_code = '{{ variant }}' and segment_code = '{{ side }}' then value
        end
    ) as {{ name }}_{{ column }},
    {%- endfor %}
    {%- endfor %}
    {{ figure('marketplace.growth', 'sellers_listing') }} as sellers_listing,
    {{ figure('marketplace.growth', 'buyers_per_seller') }} as buyers_per_seller,
    {{ figure('marketplace.inventory', 'listings_start') }} as listings_start,
    {{ figure('marketplace.inventory', 'new') }} as new_listing_count,
    {{ figure('marketplace.inventory', 'relisted') }} as relisted_listing_count,
    {{ figure('marketplace.inventory', 'sold_out') }} as sold_out_listing_count,
    {{ figure('marketplace.inventory', 'removed') }} as removed_listing_count,
    {{ figure('marketplace.inventory', 'listings_end') }} as listings_end,
    {{ figure('marketplace.inventory', 'growth') }} as inventory_growth,
    {{ figure('marketplace.inventory', 'stale_share') }} as stale_share,
    {{ figure('marketplace.inventory', 'days_to_first_sale') }} as days_to_first_sale,
    {{ figure('marketplace.inventory', 'sold_by_30') }} as sold_by_day_30,
    {{ figure('marketplace.inventory', 'sold_by_90') }} as sold_by_day_90,
    {{ figure('marketplace.search', 'search_success', 'denominator') }} as search_count,
    {{ figure('marketplace.search', 'search_success') }} as search_success,
    {{ figure('marketplace.search', 'zero_result_rate') }} as zero_result_rate,
    {{ figure('marketplace.search', 'search_to_order') }} as search_to_order,
    {{ figure('marketplace.search', 'search_mean_reciprocal_rank') }} as search_mean_reciprocal_rank,
    {{ figure('marketplace.search', 'refine_rate') }} as refine_rate,
    {{ figure('marketplace.trust', 'rating_bayes') }} as rating_bayes,
    {{ figure('marketplace.trust', 'low_star_share') }} as low_star_share,
    {{ figure('marketplace.trust', 'review_rate') }} as review_rate,
    {{ figure('marketplace.trust', 'chargeback_rate') }} as chargeback_rate,
    {{ figure('marketplace.trust', 'fraud_cancel_share') }} as fraud_cancel_share,
    {{ figure('marketplace.trust', 'rule_hits') }} as rule_hit_count,
    {{ figure('marketplace.trust', 'rule_precision') }} as rule_precision,
    {{ figure('marketplace.trust', 'risk_score') }} as risk_score,
    {{ figure('marketplace.pricing', 'bookings') }} as booking_count,
    {{ figure('marketplace.pricing', 'gmv') }} as gmv,
    {{ figure('marketplace.pricing', 'take_rate') }} as take_rate,
    {{ figure('marketplace.pricing', 'discount_depth') }} as discount_depth,
    {{ figure('marketplace.pricing', 'price_p50') }} as price_p50,
    {{ figure('marketplace.pricing', 'price_dispersion') }} as price_dispersion,
    {{ figure('marketplace.pricing', 'price_changes') }} as price_changes_per_listing,
    {{ figure('marketplace.pricing', 'suggestion_acceptance') }} as suggestion_acceptance,
    max(is_provisional) as is_provisional
from {{ ref('mart_metrics') }} as figures
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = figures.business_unit_code
where metric_code like 'marketplace.%' and period_grain_code = 'month' and segment_type_code in ('all', 'side')
    and {{ is_dirty('figures', ['business_unit_code', 'period_start']) }}
group by figures.business_unit_code, period_start
