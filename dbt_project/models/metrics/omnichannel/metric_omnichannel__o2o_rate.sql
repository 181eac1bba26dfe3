{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_interactions': periods_of('occurred_date', ['month'], before=8),
    },
) }}

with touches as (
    {# what is online, a marketplace too, and what is in a store, up to seven days before the period and within it #}
    select
        periods.period_grain_code,
        periods.period_start,
        interactions.interaction_id,
        interactions.business_unit_code,
        interactions.customer_key,
        interactions.occurred_at,
        case when channels.channel_group_code = 'offline' then 1 else 0 end as is_in_store,
        case
            when interactions.interaction_kind_code = 'order'
                and interactions.outcome_code not in ('cancelled', 'failed')
                and interactions.occurred_date >= periods.period_start then 1
            else 0
        end as is_order
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_interactions') }} as interactions
        on interactions.occurred_date >= {{ add_days('periods.period_start', -8) }}
        and interactions.occurred_date < periods.period_end
    inner join {{ ref('dim_channel') }} as channels
        on channels.channel_code = interactions.channel_code
        and channels.channel_group_code in ('offline', 'online', 'social', 'marketplace')
    where periods.period_grain_code = 'month'
        and interactions.direction_code = 'in'
        and interactions.is_internal = 0
        and {{ is_dirty('periods') }}
),

followed as (
    select
        touches.*,
        max(case when is_in_store = 0 then occurred_at end) over (
            partition by period_grain_code, period_start, customer_key
            order by occurred_at, interaction_id rows between unbounded preceding and 1 preceding
        ) as last_online_at,
        max(case when is_in_store = 1 then occurred_at end) over (
            partition by period_grain_code, period_start, customer_key
            order by occurred_at, interaction_id rows between unbounded preceding and 1 preceding
        ) as last_in_store_at
    from touches
),

variants as (
    select
        case when is_in_store = 1 then 'store_after_online' else 'online_after_store' end as variant_code,
        followed.*,
        case
            when {{ seconds_between('case when is_in_store = 1 then last_online_at else last_in_store_at end', 'occurred_at') }}
                <= 7 * 86400 then 1
            else 0
        end as is_met
    from followed
    where is_order = 1 and customer_key <> 'unknown'
    union all
    {# how much of the stores' sales the rate speaks of #}
    select
        'coverage' as variant_code,
        followed.*,
        case when customer_key <> 'unknown' then 1 else 0 end as is_met
    from followed
    where is_order = 1 and is_in_store = 1
)

select
    business_unit_code,
    'omnichannel.o2o_rate' as metric_code,
    variant_code as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(is_met) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(distinct case when customer_key = 'unknown' then interaction_id else customer_key end) as n_units
from variants
group by business_unit_code, variant_code, period_grain_code, period_start
