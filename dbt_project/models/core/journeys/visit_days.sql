{{ config(
    unique_key=['customer_key', 'visit_date', 'business_unit_code', 'channel_code', 'visitor_key'],
    dirty_key=['customer_key', 'visit_date'],
    dirty_from={'fct_events': 'select customer_key, event_date as visit_date from {changed} where event_date is not null'},
    change_carries=['source_key', 'first_event_id'],
    indexes=[{'columns': ['source_key', 'first_event_id']}],
) }}

{# who visits is a person where one is known, else a device #}
with visitors as (
    select
        events.customer_key,
        events.event_date,
        events.business_unit_code,
        events.channel_code,
        case
            when events.customer_key <> 'unknown' then events.customer_key
            else coalesce(
                events.source_key || ':' || events.anonymous_id,
                events.identifier_key,
                events.source_key || ':' || events.event_id
            )
        end as visitor_key,
        events.source_key,
        events.event_id,
        events.occurred_at
    from {{ ref('fct_events') }} as events
    {# a machine visits nobody, and neither does a server that tells what was done elsewhere #}
    where events.is_bot = 0
        and events.platform_code <> 'server'
        and events.event_date is not null
        and {{ is_dirty('events', ['customer_key', 'event_date']) }}
),

ranked as (
    select
        visitors.*,
        row_number() over (
            partition by customer_key, event_date, business_unit_code, channel_code, visitor_key
            order by occurred_at, source_key, event_id
        ) as place,
        count(*) over (
            partition by customer_key, event_date, business_unit_code, channel_code, visitor_key
        ) as event_count
    from visitors
)

select
    customer_key,
    event_date as visit_date,
    business_unit_code,
    channel_code,
    visitor_key,
    source_key,
    event_id as first_event_id,
    occurred_at as visited_at,
    event_count
from ranked
where place = 1
