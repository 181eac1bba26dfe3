{# what visitors of a marketplace do on the way to a booking, each in its visit and with whose visit it is #}
{{ config(
    unique_key=['source_key', 'event_id'],
    dirty_key=['visitor_key', 'event_date'],
    dirty_from={
        'fct_events': "select changed_rows.visitor_key, changed_rows.event_date from {changed}"
            ~ " inner join core.dim_business_unit as units on units.business_unit_code = changed_rows.business_unit_code"
            ~ " and units.business_type_code = 'marketplace'"
            ~ " where changed_rows.visitor_key <> 'unknown'"
            ~ " union select t.visitor_key, t.event_date from {this} as t inner join {changed}"
            ~ " on t.source_key = changed_rows.source_key and t.event_id = changed_rows.event_id",
        'fct_sessions': "select t.visitor_key, t.event_date from {this} as t inner join {changed}"
            ~ " on t.visitor_key = changed_rows.visitor_key"
            ~ " union select events.visitor_key, events.event_date from {changed}"
            ~ " inner join core.dim_business_unit as units on units.business_unit_code = changed_rows.business_unit_code"
            ~ " and units.business_type_code = 'marketplace'"
            ~ " inner join core.fct_events as events on events.visitor_key = changed_rows.visitor_key"
            ~ " and events.event_date >= changed_rows.session_date and events.event_date <= changed_rows.session_date + 1",
        'dim_business_unit': "select events.visitor_key, events.event_date from {changed}"
            ~ " inner join core.fct_events as events on events.business_unit_code = changed_rows.business_unit_code"
            ~ " union select t.visitor_key, t.event_date from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code",
    },
    change_carries=['visitor_key', 'event_date', 'business_unit_code', 'person_key', 'listing_id'],
    indexes=[
        {'columns': ['visitor_key', 'event_date']}, {'columns': ['person_key']},
        {'columns': ['business_unit_code', 'listing_id']}, {'columns': ['event_date']},
    ],
) }}

select
    events.source_key,
    events.event_id,
    events.visitor_key,
    events.event_date,
    events.business_unit_code,
    events.channel_code,
    sessions.session_key,
    sessions.customer_key,
    case when sessions.customer_key = 'unknown' then events.visitor_key else sessions.customer_key end as person_key,
    case events.event_name
        when 'Products Searched' then 'search'
        when 'Product Clicked' then 'click'
        when 'Product Viewed' then 'view'
        when 'Product Added' then 'add'
        when 'Checkout Started' then 'checkout'
        else 'order'
    end as step_code,
    events.search_term,
    {{ unaccented('events.search_term') }} as search_term_folded,
    events.result_count,
    events.result_position,
    events.listing_id,
    events.active_seconds,
    events.occurred_at,
    events.occurred_at_local,
    sessions.is_counted
from {{ ref('fct_events') }} as events
{{ join_unit_of_type('events', 'marketplace') }}
inner join {{ ref('fct_sessions') }} as sessions
    on sessions.visitor_key = events.visitor_key
    and sessions.session_date >= {{ add_days('events.event_date', -1) }}
    and sessions.session_date <= events.event_date
    and events.occurred_at >= sessions.started_at
    and events.occurred_at <= sessions.ended_at
where events.event_name in (
        'Products Searched', 'Product Clicked', 'Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'
    )
    and events.visitor_key <> 'unknown'
    and {{ is_dirty('events', ['visitor_key', 'event_date']) }}
