{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_dissatisfaction_months': months_of('month_start'),
        'silence_strata': months_of('month_start'),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with dissatisfied as (
    select
        customers.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(customers.is_silent) as silent_count,
        {# who is neither met something bad, said nothing, and kept coming #}
        sum(customers.is_silent + customers.is_vocal) as dissatisfied_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_dissatisfaction_months') }} as customers on customers.month_start = periods.period_start
    inner join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = customers.business_unit_code
        and units.business_type_code in ('ecommerce', 'marketplace')
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by customers.business_unit_code, periods.period_grain_code, periods.period_start
),

strata as (
    select
        strata.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        {%- for stratum in ['flagged', 'unflagged'] %}
        {%- for count in ['customer_count', 'answered_count', 'bad_count'] %}
        coalesce(sum(case when strata.stratum_code = '{{ stratum }}' then strata.{{ count }} end), 0)
            as {{ stratum }}_{{ count }},
        {%- endfor %}
        {%- endfor %}
        sum(strata.answered_count) as answered_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('silence_strata') }} as strata on strata.month_start = periods.period_start
    inner join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = strata.business_unit_code
        and units.business_type_code in ('ecommerce', 'marketplace')
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by strata.business_unit_code, periods.period_grain_code, periods.period_start
),

weighted as (
    {# each answer stands for as many customers of its stratum as it has customers for each answer #}
    select
        strata.*,
        {{ stratum_total('flagged_customer_count', 'flagged_bad_count', 'flagged_answered_count') }} as caught,
        {{ stratum_total('unflagged_customer_count', 'unflagged_bad_count', 'unflagged_answered_count') }} as missed,
        {{ stratum_variance('flagged_customer_count', 'flagged_bad_count', 'flagged_answered_count') }} as caught_variance,
        {{ stratum_variance('unflagged_customer_count', 'unflagged_bad_count', 'unflagged_answered_count') }}
            as missed_variance
    from strata
    {# where nobody was asked there is nothing to say #}
    where answered_count > 0
)

{{ variant_row('dissatisfied', 'cx.silent_dissatisfaction', 'silent_share', 'ratio', 'silent_count', 'dissatisfied_count',
    where='dissatisfied_count > 0') }}
union all
{{ variant_row('weighted', 'cx.silent_dissatisfaction', 'precision', 'ratio', 'flagged_bad_count', 'flagged_answered_count') }}
union all
{{ variant_row('weighted', 'cx.silent_dissatisfaction', 'recall', 'ratio', 'round(caught, 4)', 'round(caught + missed, 4)',
    part_of_sum_squares('caught', 'missed', 'caught_variance', 'missed_variance'),
    n='least(flagged_answered_count, unflagged_answered_count)', units='answered_count') }}
