{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'funnel_entries': months_of('month_start'),
        'dim_business_unit': all_periods(['month']),
    },
) }}

{% set funnels = {
    'buyer': ['search', 'view', 'add', 'checkout', 'paid', 'completed'],
    'seller': ['signup', 'listing', 'first_view', 'first_sale'],
} %}

with entries as (
    select periods.period_grain_code, periods.period_start, entries.*
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('funnel_entries') }} as entries on entries.month_start = periods.period_start
    {{ join_unit_of_type('entries', 'marketplace') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

{% for funnel, steps in funnels.items() %}
{{ funnel }}_steps as (
    {%- for name in steps %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'funnel_step' as segment_type_code,
        '{{ name }}' as segment_code,
        count(*) as entered_count,
        sum(case when step_count >= {{ [loop.index - 1, 1] | max }} then 1 else 0 end) as former_count,
        sum(case when step_count >= {{ loop.index }} then 1 else 0 end) as passed_count,
        {%- if loop.first %}
        cast(null as numeric) as median_minutes
        {%- else %}
        percentile_cont(0.5) within group (
            order by cast(case when step_count >= {{ loop.index }} then seconds_to_step_{{ loop.index }} end as numeric) * {{ ratio('1', '60') }}
        ) as median_minutes
        {%- endif %}
    from entries
    where funnel_code = '{{ funnel }}'
    group by business_unit_code, period_grain_code, period_start
    {%- endfor %}
){{ ',' if not loop.last }}
{% endfor %}
{% for funnel in funnels %}
{{ 'union all' if not loop.first }}
{{ variant_row(funnel ~ '_steps', 'marketplace.funnel', funnel ~ '_cumulative', 'ratio', 'passed_count', 'entered_count') }}
union all
{{ variant_row(funnel ~ '_steps', 'marketplace.funnel', funnel ~ '_step', 'ratio', 'passed_count', 'former_count') }}
union all
{{ variant_row(funnel ~ '_steps', 'marketplace.funnel', funnel ~ '_minutes_p50', 'quantile', value='median_minutes',
    n='passed_count', where="segment_code not in ('search', 'signup')") }}
{% endfor %}
