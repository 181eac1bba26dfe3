{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_feedback': periods_of('answered_date', ['day', 'week', 'month', 'quarter']),
    },
) }}

with answers as (
    select
        periods.period_grain_code,
        periods.period_start,
        feedback.business_unit_code,
        feedback.channel_code,
        feedback.scale_code,
        feedback.score,
        case when feedback.band_code = 'satisfied' then 1 else 0 end as is_satisfied
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_feedback') }} as feedback
        on feedback.answered_date >= periods.period_start
        and feedback.answered_date < periods.period_end
    where feedback.kind_code = 'csat'
        and feedback.band_code is not null
        and feedback.is_internal = 0
        and periods.period_grain_code in ('day', 'week', 'month', 'quarter')
        and {{ is_dirty('periods') }}
),

variants as (
    {# a scale is never rescaled into another: each has its own variant #}
    select 'top2' as variant_code, 'ratio' as value_kind, is_satisfied as score, answers.business_unit_code,
        period_grain_code, period_start, channel_code
    from answers
    where scale_code = 'one_to_five'
    union all
    select 'mean' as variant_code, 'mean' as value_kind, score, business_unit_code,
        period_grain_code, period_start, channel_code
    from answers
    where scale_code = 'one_to_five'
    union all
    select 'binary' as variant_code, 'ratio' as value_kind, is_satisfied as score, business_unit_code,
        period_grain_code, period_start, channel_code
    from answers
    where scale_code = 'binary'
)

select
    business_unit_code,
    'cx.csat' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    {{ segment_by({'channel_code': 'channel'}) }},
    value_kind,
    sum(score) as numerator,
    count(*) as denominator,
    {{ residual_squares('score') }} as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from variants
group by grouping sets (
    (business_unit_code, variant_code, value_kind, period_grain_code, period_start),
    (business_unit_code, variant_code, value_kind, period_grain_code, period_start, channel_code)
)
