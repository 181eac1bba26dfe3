{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_feedback': periods_of('answered_date', ['month', 'quarter']),
    },
) }}

with answers as (
    select
        periods.period_grain_code,
        periods.period_start,
        feedback.business_unit_code,
        feedback.channel_code,
        case feedback.band_code when 'promoter' then 1 when 'detractor' then -1 else 0 end as vote,
        {# an answer of nobody known stands for itself #}
        row_number() over (
            partition by
                periods.period_grain_code, periods.period_start, feedback.business_unit_code,
                case when feedback.customer_key = 'unknown'
                    then feedback.source_key || ':' || feedback.feedback_id else feedback.customer_key end
            order by feedback.answered_at desc, feedback.source_key, feedback.feedback_id
        ) as recency
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_feedback') }} as feedback
        on feedback.answered_date >= periods.period_start
        and feedback.answered_date < periods.period_end
    where feedback.kind_code = 'nps'
        and feedback.scale_code = 'zero_to_ten'
        and feedback.band_code is not null
        and feedback.is_internal = 0
        and periods.period_grain_code in ('month', 'quarter')
        and {{ is_dirty('periods') }}
),

variants as (
    select answers.*, 'transactional' as variant_code from answers
    union all
    {# one answer per customer, the latest of the quarter #}
    select answers.*, 'relational' as variant_code
    from answers
    where recency = 1 and period_grain_code = 'quarter'
)

select
    business_unit_code,
    'cx.nps' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    {{ segment_by({'channel_code': 'channel'}) }},
    'mean' as value_kind,
    sum(vote) as numerator,
    count(*) as denominator,
    {{ residual_squares('vote') }} as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from variants
group by grouping sets (
    (business_unit_code, variant_code, period_grain_code, period_start),
    (business_unit_code, variant_code, period_grain_code, period_start, channel_code)
)
