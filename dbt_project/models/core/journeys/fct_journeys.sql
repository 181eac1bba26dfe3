{# by day, not by asking each: those that time closes, and that open again where the latest contacts are gone #}
{% set last_day_of_closed = add_days(silent_since('core.fct_interactions'), -(var('journey_gap_days') + 1)) %}

{{ config(
    unique_key=['customer_key', 'journey_number'],
    dirty_key=['customer_key'],
    dirty_from={
        'fct_interactions': "select customer_key from {changed} where customer_key <> 'unknown'"
            ~ " union all select t.customer_key from {this} as t"
            ~ " where t.is_open = 1 and t.ended_date <= " ~ last_day_of_closed
            ~ " union all select t.customer_key from {this} as t"
            ~ " where t.is_open = 0 and t.ended_date > " ~ last_day_of_closed,
    },
    change_carries=['business_unit_code', 'started_date', 'ended_date'],
    indexes=[{'columns': ['ended_date']}, {'columns': ['is_open', 'ended_date']}],
) }}

{# what the company sends does not keep a journey going: whoever gets a letter a week would never leave #}
with touches as (
    select
        interactions.*,
        case
            when interactions.interaction_kind_code = 'order'
                and interactions.outcome_code not in ('cancelled', 'failed') then 1
            when interactions.interaction_kind_code = 'booking'
                and interactions.outcome_code not in ('declined', 'cancelled', 'expired') then 1
            when interactions.interaction_kind_code = 'subscription_started' then 1
            else 0
        end as is_purchase,
        lag(interactions.occurred_at) over (
            partition by interactions.customer_key order by interactions.occurred_at, interactions.interaction_id
        ) as previous_at,
        lag(interactions.channel_code) over (
            partition by interactions.customer_key order by interactions.occurred_at, interactions.interaction_id
        ) as previous_channel_code
    from {{ ref('fct_interactions') }} as interactions
    where interactions.direction_code = 'in'
        and interactions.customer_key <> 'unknown'
        and interactions.is_internal = 0
        and {{ is_dirty('interactions') }}
),

begun as (
    select
        touches.*,
        case
            when {{ seconds_between('previous_at', 'occurred_at') }} <= {{ var('journey_gap_days') }} * 86400 then 0
            else 1
        end as is_first
    from touches
),

numbered as (
    select
        begun.*,
        sum(is_first) over (
            partition by customer_key order by occurred_at, interaction_id rows unbounded preceding
        ) as journey_number
    from begun
),

ordered as (
    select
        numbered.*,
        row_number() over (
            partition by customer_key, journey_number order by occurred_at desc, interaction_id desc
        ) as place_from_end,
        {# a channel that nobody knows is no other one #}
        case
            when is_first = 0 and previous_channel_code <> channel_code
                and previous_channel_code <> 'unknown' and channel_code <> 'unknown' then 1
            else 0
        end as is_switch,
        min(case when is_purchase = 1 then occurred_at end) over (partition by customer_key, journey_number)
            as first_purchase_at
    from numbered
),

journeys as (
    select
        customer_key,
        journey_number,
        max(case when is_first = 1 then business_unit_code end) as business_unit_code,
        max(case when is_first = 1 then touchpoint_code end) as first_touchpoint_code,
        max(case when is_first = 1 then channel_code end) as first_channel_code,
        max(case when place_from_end = 1 then touchpoint_code end) as last_touchpoint_code,
        max(case when place_from_end = 1 then channel_code end) as last_channel_code,
        max(case when is_first = 1 then occurred_at_local end) as started_at_local,
        max(case when is_first = 1 then occurred_date end) as started_date,
        max(case when place_from_end = 1 then occurred_at_local end) as ended_at_local,
        max(case when place_from_end = 1 then occurred_date end) as ended_date,
        {{ seconds_between('min(occurred_at)', 'min(first_purchase_at)') }} as purchase_seconds,
        count(*) as touch_count,
        sum(case when occurred_at < first_purchase_at or first_purchase_at is null then 1 else 0 end)
            as touch_count_before_purchase,
        count(distinct case when channel_code <> 'unknown' then channel_code end) as channel_count,
        count(distinct business_unit_code) as business_unit_count,
        sum(is_switch) as channel_switch_count,
        sum(is_purchase) as purchase_count
    from ordered
    group by customer_key, journey_number
)

select
    journeys.*,
    customer_key || '-' || journey_number as journey_id,
    {{ is_still_open('ended_date', ref('fct_interactions')) }} as is_open,
    case
        when purchase_count > 0 then 'ordered'
        when {{ is_still_open('ended_date', ref('fct_interactions')) }} = 1 then 'open'
        else 'left'
    end as outcome_code
from journeys
