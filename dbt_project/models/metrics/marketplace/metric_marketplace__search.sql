{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_searches': periods_of('search_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with searches as (
    select periods.period_grain_code, periods.period_start, searches.*
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_searches') }} as searches
        on searches.search_date >= periods.period_start
        and searches.search_date < periods.period_end
    {{ join_unit_of_type('searches', 'marketplace') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and searches.is_counted = 1
        and {{ is_dirty('periods') }}
),

visitors as (
    {# searches of a visitor are alike: the interval is made of visitors #}
    select
        business_unit_code,
        period_grain_code,
        period_start,
        visitor_key,
        count(*) as search_count,
        sum(is_success) as success_count,
        count(is_zero_result) as told_count,
        coalesce(sum(is_zero_result), 0) as zero_count,
        sum(reciprocal_rank) as rank_sum,
        sum(is_refined) as refined_count,
        count(distinct session_key) as session_count,
        count(distinct case when has_order_in_a_day = 1 then session_key end) as ordering_count
    from searches
    group by business_unit_code, period_grain_code, period_start, visitor_key
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as visitor_count,
        sum(case when told_count > 0 then 1 else 0 end) as told_visitor_count,
        {%- for column in [
            'search_count', 'success_count', 'told_count', 'zero_count', 'rank_sum', 'refined_count', 'session_count',
            'ordering_count',
        ] %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        {{ residual_squares('success_count', 'search_count') }} as success_residual,
        {{ residual_squares('zero_count', 'told_count') }} as zero_residual,
        {{ residual_squares('rank_sum', 'search_count') }} as rank_residual,
        {{ residual_squares('refined_count', 'search_count') }} as refined_residual,
        {{ residual_squares('ordering_count', 'session_count') }} as ordering_residual
    from visitors
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row('measured', 'marketplace.search', 'search_success', 'ratio', 'success_count', 'search_count',
    'success_residual', units='visitor_count') }}
union all
{{ variant_row('measured', 'marketplace.search', 'zero_result_rate', 'ratio', 'zero_count', 'told_count',
    'zero_residual', units='told_visitor_count') }}
union all
{{ variant_row('measured', 'marketplace.search', 'search_to_order', 'ratio', 'ordering_count', 'session_count',
    'ordering_residual', units='visitor_count') }}
union all
{{ variant_row('measured', 'marketplace.search', 'search_mean_reciprocal_rank', 'mean', 'rank_sum', 'search_count',
    'rank_residual', units='visitor_count') }}
union all
{{ variant_row('measured', 'marketplace.search', 'refine_rate', 'ratio', 'refined_count', 'search_count',
    'refined_residual', units='visitor_count') }}
