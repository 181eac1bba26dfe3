{{ config(
    unique_key=[
        'business_unit_code', 'metric_code', 'variant_code', 'period_grain_code', 'period_start',
        'segment_type_code', 'segment_code',
    ],
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_interactions': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code in ('month', 'quarter') and changed_rows.occurred_date >= p.period_start - 8"
            ~ " and changed_rows.occurred_date < p.period_end",
    },
) }}

with orders as (
    select
        periods.period_grain_code,
        periods.period_start,
        touches.interaction_id,
        touches.business_unit_code,
        touches.customer_key,
        touches.occurred_at,
        touches.occurred_date,
        case when channels.channel_group_code = 'offline' then 1 else 0 end as is_in_store
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_interactions') }} as touches
        on touches.occurred_date >= periods.period_start
        and touches.occurred_date < periods.period_end
    inner join {{ ref('dim_channel') }} as channels on channels.channel_code = touches.channel_code
    where periods.period_grain_code in ('month', 'quarter')
        and touches.interaction_kind_code = 'order'
        and touches.outcome_code not in ('cancelled', 'failed')
        and touches.is_internal = 0
        and channels.channel_group_code in ('offline', 'online', 'social')
        and {{ is_dirty('periods') }}
),

led as (
    {# the orders of which the same customer was on the other side in the seven days before #}
    select distinct
        orders.period_grain_code,
        orders.period_start,
        orders.interaction_id
    from orders
    inner join {{ ref('fct_interactions') }} as touches
        on touches.customer_key = orders.customer_key
        and touches.occurred_at < orders.occurred_at
        and {{ seconds_between('touches.occurred_at', 'orders.occurred_at') }} <= 7 * 86400
        {# the zones of two units are less than a day apart #}
        and touches.occurred_date between {{ add_days('orders.occurred_date', -8) }} and {{ add_days('orders.occurred_date', 1) }}
    inner join {{ ref('dim_channel') }} as channels on channels.channel_code = touches.channel_code
    where orders.customer_key <> 'unknown'
        and touches.direction_code = 'in'
        and (orders.is_in_store = 1 and channels.channel_group_code in ('online', 'social')
            or orders.is_in_store = 0 and channels.channel_group_code = 'offline')
),

variants as (
    select
        case when orders.is_in_store = 1 then 'store_after_online' else 'online_after_store' end as variant_code,
        orders.*,
        case when led.interaction_id is not null then 1 else 0 end as is_met
    from orders
    left join led
        on led.period_grain_code = orders.period_grain_code
        and led.period_start = orders.period_start
        and led.interaction_id = orders.interaction_id
    where orders.customer_key <> 'unknown'
    union all
    {# how much of the stores' sales the rate speaks of #}
    select
        'coverage' as variant_code,
        orders.*,
        case when orders.customer_key <> 'unknown' then 1 else 0 end as is_met
    from orders
    where orders.is_in_store = 1
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
