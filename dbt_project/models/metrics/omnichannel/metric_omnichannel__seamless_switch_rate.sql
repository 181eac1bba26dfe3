{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_interactions': periods_of('occurred_date', ['month', 'quarter'], before=var('journey_gap_days') + 1),
    },
) }}

with conversations as (
    select
        periods.period_grain_code,
        periods.period_start,
        touches.business_unit_code,
        touches.customer_key,
        touches.channel_code,
        touches.subject_code,
        touches.occurred_at,
        case when touches.occurred_date >= periods.period_start then 1 else 0 end as is_of_period,
        lag(touches.channel_code) over (
            partition by periods.period_grain_code, periods.period_start, touches.customer_key
            order by touches.occurred_at, touches.interaction_id
        ) as previous_channel_code,
        lag(touches.subject_code) over (
            partition by periods.period_grain_code, periods.period_start, touches.customer_key
            order by touches.occurred_at, touches.interaction_id
        ) as previous_subject_code,
        lag(touches.occurred_at) over (
            partition by periods.period_grain_code, periods.period_start, touches.customer_key
            order by touches.occurred_at, touches.interaction_id
        ) as previous_at
    from {{ ref('dim_period') }} as periods
    {# one that began the journey may lie before the period #}
    inner join {{ ref('fct_interactions') }} as touches
        on touches.occurred_date >= {{ add_days('periods.period_start', -1 - var('journey_gap_days')) }}
        and touches.occurred_date < periods.period_end
    where periods.period_grain_code in ('month', 'quarter')
        and touches.interaction_kind_code = 'conversation'
        and touches.customer_key <> 'unknown'
        and touches.is_internal = 0
        and {{ is_dirty('periods') }}
),

switches as (
    select
        conversations.*,
        {# who asks the same again on another channel had to repeat it #}
        case when previous_subject_code = subject_code then 0 else 1 end as is_seamless
    from conversations
    where is_of_period = 1
        and previous_channel_code <> channel_code
        and previous_channel_code <> 'unknown'
        and channel_code <> 'unknown'
        and previous_subject_code <> 'unknown'
        and subject_code <> 'unknown'
        and {{ seconds_between('previous_at', 'occurred_at') }} <= {{ var('journey_gap_days') }} * 86400
)

select
    business_unit_code,
    'omnichannel.seamless_switch_rate' as metric_code,
    'same_subject' as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(is_seamless) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(distinct customer_key) as n_units
from switches
group by business_unit_code, period_grain_code, period_start
