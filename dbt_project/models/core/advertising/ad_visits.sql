{#
    A tracker tells at each view of a page how many slots were shown, and not in which visit: that is found by the
    device and the time. No counted visit is longer than a day.
#}
{{ config(
    unique_key=['session_key'],
    dirty_from={
        'fct_sessions': ['session_key'],
        'fct_events': "select s.session_key from (select distinct visitor_key, event_date from {changed}"
            ~ " where visitor_key <> 'unknown') as changed_rows"
            ~ " inner join core.fct_sessions as s on s.visitor_key = changed_rows.visitor_key"
            ~ " and s.session_date <= changed_rows.event_date and s.ended_date >= changed_rows.event_date",
        'dim_business_unit': "select s.session_key from {changed} inner join core.fct_sessions as s"
            ~ " on s.business_unit_code = changed_rows.business_unit_code",
    },
    change_carries=['business_unit_code', 'session_date'],
    indexes=[{'columns': ['session_date']}],
) }}

with visits as (
    select sessions.*
    from {{ ref('fct_sessions') }} as sessions
    {{ join_unit_of_type('sessions', 'media') }}
    where sessions.is_counted = 1 and {{ is_dirty('sessions') }}
)

select
    visits.session_key,
    visits.business_unit_code,
    {{ person_of_session('visits') }} as person_key,
    visits.started_at,
    visits.session_date,
    visits.view_count,
    visits.engaged_seconds,
    visits.is_engaged,
    coalesce(sum(events.result_count), 0) as ad_count,
    {# a browser that does not measure itself says nothing of either #}
    sum(case when events.viewport_pixels > 0 then events.ad_pixels end) as ad_pixels,
    sum(case when events.ad_pixels is not null then nullif(events.viewport_pixels, 0) end) as viewport_pixels
from visits
left join {{ ref('fct_events') }} as events
    on events.visitor_key = visits.visitor_key
    and events.event_date >= visits.session_date
    and events.event_date <= visits.ended_date
    and events.occurred_at >= visits.started_at
    and events.occurred_at <= visits.ended_at
    and events.event_name = 'Ads Rendered'
group by
    visits.session_key, visits.business_unit_code, visits.customer_key, visits.visitor_key, visits.started_at,
    visits.session_date, visits.view_count, visits.engaged_seconds, visits.is_engaged
