{#
    Of a dirty visitor all events are read. Whoever has the device and signs in once more changes nothing: else the
    whole history of everybody who comes daily would be read every day.
#}
{{ config(
    unique_key=['visitor_key', 'span_number'],
    dirty_key=['visitor_key'],
    dirty_from={
        'fct_events': "select changed_rows.visitor_key from {changed} where changed_rows.customer_key <> 'unknown'"
            ~ " and not (changed_rows.op = 'i' and exists (select from {this} as t"
            ~ " where t.visitor_key = changed_rows.visitor_key and t.customer_key = changed_rows.customer_key"
            ~ " and t.valid_to is null and changed_rows.event_date > cast(t.valid_from_local as date)))"
            ~ " union select t.visitor_key from {this} as t inner join {changed}"
            ~ " on t.visitor_key = changed_rows.visitor_key and t.span_number = 1"
            ~ " and changed_rows.event_date <= cast(t.valid_from_local as date)",
    },
    change_carries=['customer_key', 'valid_from', 'valid_to'],
    indexes=[{'columns': ['customer_key']}],
) }}

{% set shared_from = 6 %}

with visitors as (
    select events.visitor_key, min(events.occurred_at) as first_seen_at
    from {{ ref('fct_events') }} as events
    where events.visitor_key <> 'unknown' and {{ is_dirty('events') }}
    group by events.visitor_key
),

persons as (
    select visitor_key, count(*) as person_count
    from (
        select events.visitor_key, events.customer_key
        from {{ ref('fct_events') }} as events
        where events.visitor_key <> 'unknown' and events.customer_key <> 'unknown' and {{ is_dirty('events') }}
        group by events.visitor_key, events.customer_key
    ) as pairs
    group by visitor_key
),

known as (
    select
        events.visitor_key,
        events.anonymous_id,
        events.source_key,
        events.business_unit_code,
        events.customer_key,
        events.is_internal,
        events.event_id,
        events.occurred_at,
        lag(events.customer_key) over (
            partition by events.visitor_key order by events.occurred_at, events.event_id
        ) as customer_before
    from {{ ref('fct_events') }} as events
    where events.visitor_key <> 'unknown' and events.customer_key <> 'unknown' and {{ is_dirty('events') }}
),

runs as (
    select
        known.*,
        lead(occurred_at) over (partition by visitor_key order by occurred_at, event_id) as ends_at
    from known
    where customer_before is null or customer_before <> customer_key
),

spans as (
    {# of two who are there at one instant, the first is not there for any time #}
    select
        runs.visitor_key,
        runs.anonymous_id,
        runs.source_key,
        runs.business_unit_code,
        runs.customer_key,
        runs.is_internal,
        runs.occurred_at,
        runs.ends_at,
        row_number() over (partition by runs.visitor_key order by runs.occurred_at) as span_number
    from runs
    where runs.ends_at is null or runs.ends_at > runs.occurred_at
),

dated as (
    select
        spans.*,
        case when persons.person_count >= {{ shared_from }} then 1 else 0 end as is_shared,
        {# whoever comes first was there before signing in, unless anybody may have been #}
        case
            when spans.span_number = 1 and persons.person_count < {{ shared_from }} then visitors.first_seen_at
            else spans.occurred_at
        end as valid_from
    from spans
    inner join visitors on visitors.visitor_key = spans.visitor_key
    inner join persons on persons.visitor_key = spans.visitor_key
)

select
    dated.visitor_key,
    dated.span_number,
    dated.anonymous_id,
    dated.source_key,
    dated.business_unit_code,
    dated.customer_key,
    dated.is_internal,
    dated.is_shared,
    dated.valid_from,
    {{ local_time('dated.valid_from', 'units.time_zone') }} as valid_from_local,
    dated.ends_at as valid_to,
    {{ local_time('dated.ends_at', 'units.time_zone') }} as valid_to_local
from dated
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = dated.business_unit_code
