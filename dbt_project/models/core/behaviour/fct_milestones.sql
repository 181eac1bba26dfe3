{# changed events that are none are not looked for one by one: among a night's they are nearly all #}
{{ config(
    unique_key=['source_key', 'event_id'],
    dirty_from={
        'fct_events': "select events.source_key, events.event_id from {changed} inner join core.fct_events as events"
            ~ " on events.source_key = changed_rows.source_key and events.event_id = changed_rows.event_id"
            ~ " inner join seeds.milestone_events as named on named.event_name = events.event_name"
            ~ " union select t.source_key, t.event_id from {this} as t inner join {changed}"
            ~ " on t.source_key = changed_rows.source_key and t.event_id = changed_rows.event_id",
        'bridge_visitor': ['visitor_key'],
    },
    change_carries=['business_unit_code', 'person_key', 'milestone_code', 'milestone_date'],
    indexes=[
        {'columns': ['business_unit_code', 'person_key']}, {'columns': ['milestone_date']}, {'columns': ['visitor_key']},
        {'columns': ['customer_key']},
    ],
) }}

with events as (
    select
        events.*,
        named.milestone_code,
        case when events.customer_key = 'unknown' then coalesce(attached.customer_key, 'unknown') else events.customer_key end
            as whose,
        case when events.customer_key = 'unknown' then greatest(events.is_internal, coalesce(attached.is_internal, 0))
            else events.is_internal end as is_staff
    from {{ ref('fct_events') }} as events
    inner join {{ ref('milestone_events') }} as named on named.event_name = events.event_name
    {# where nobody is signed in, it is whose device it is by then: as a session is #}
    left join {{ ref('bridge_visitor') }} as attached
        on attached.visitor_key = events.visitor_key
        and attached.is_shared = 0
        and events.occurred_at >= attached.valid_from
        and (attached.valid_to is null or events.occurred_at < attached.valid_to)
    where events.event_date is not null and {{ is_dirty('events') }}
)

select
    source_key,
    event_id,
    business_unit_code,
    whose as customer_key,
    visitor_key,
    case when whose = 'unknown' then visitor_key else whose end as person_key,
    milestone_code,
    channel_code,
    platform_code,
    order_id,
    amount,
    occurred_at,
    occurred_at_local,
    event_date as milestone_date,
    is_staff as is_internal,
    is_bot,
    case
        when is_staff = 0 and is_bot = 0 and (whose <> 'unknown' or visitor_key <> 'unknown') then 1
        else 0
    end as is_counted
from events
