{#
    A search is over when the visitor searches again or leaves. It succeeds when one of its results is clicked and then
    looked at for ten seconds or added; only what is done with the same listing counts.
#}
{{ config(
    unique_key=['source_key', 'event_id'],
    dirty_key=['visitor_key', 'search_date'],
    dirty_from={
        'visit_steps': "select visitor_key, event_date as search_date from {changed}"
            ~ " union select visitor_key, event_date - 1 from {changed}",
    },
    change_carries=['business_unit_code', 'search_date'],
    indexes=[{'columns': ['visitor_key', 'search_date']}, {'columns': ['search_date']}, {'columns': ['customer_key']}],
) }}

with searches as (
    select *
    from {{ ref('visit_steps') }} as steps
    where step_code = 'search' and {{ is_dirty('steps', ['visitor_key', 'event_date']) }}
),

later as (
    select
        searches.source_key,
        searches.event_id,
        min(case when steps.step_code = 'search' and steps.session_key = searches.session_key then steps.occurred_at end)
            as next_search_at,
        max(
            case
                when steps.step_code = 'search' and steps.session_key = searches.session_key
                    and steps.search_term_folded is distinct from searches.search_term_folded then 1
                else 0
            end
        ) as is_refined,
        max(
            case
                when steps.step_code = 'order' and steps.occurred_at <= {{ add_seconds('searches.occurred_at', 86400) }} then 1
                else 0
            end
        ) as has_order
    from searches
    left join {{ ref('visit_steps') }} as steps
        on steps.visitor_key = searches.visitor_key
        and steps.event_date >= searches.event_date
        and steps.event_date <= {{ add_days('searches.event_date', 1) }}
        and steps.occurred_at > searches.occurred_at
    group by searches.source_key, searches.event_id
),

clicks as (
    select
        searches.source_key,
        searches.event_id,
        searches.visitor_key,
        searches.session_key,
        searches.event_date,
        later.next_search_at,
        steps.listing_id,
        steps.result_position,
        steps.occurred_at as clicked_at,
        row_number() over (
            partition by searches.source_key, searches.event_id order by steps.occurred_at, steps.event_id
        ) as click_number
    from searches
    inner join later on later.source_key = searches.source_key and later.event_id = searches.event_id
    inner join {{ ref('visit_steps') }} as steps
        on steps.visitor_key = searches.visitor_key
        and steps.session_key = searches.session_key
        and steps.event_date >= searches.event_date
        and steps.event_date <= {{ add_days('searches.event_date', 1) }}
        and steps.step_code = 'click'
        and steps.occurred_at >= searches.occurred_at
        and (later.next_search_at is null or steps.occurred_at < later.next_search_at)
),

looks as (
    select
        clicks.source_key,
        clicks.event_id,
        max(case when clicks.click_number = 1 then clicks.result_position end) as click_rank,
        max(case when clicks.click_number = 1 then clicks.listing_id end) as clicked_listing_id,
        max(case when steps.step_code = 'view' then steps.active_seconds end) as dwell_seconds,
        max(case when steps.step_code = 'add' then 1 else 0 end) as has_addition
    from clicks
    left join {{ ref('visit_steps') }} as steps
        on steps.visitor_key = clicks.visitor_key
        and steps.session_key = clicks.session_key
        and steps.event_date >= clicks.event_date
        and steps.event_date <= {{ add_days('clicks.event_date', 1) }}
        and steps.listing_id = clicks.listing_id
        and steps.step_code in ('view', 'add')
        and steps.occurred_at >= clicks.clicked_at
        and (clicks.next_search_at is null or steps.occurred_at < clicks.next_search_at)
    group by clicks.source_key, clicks.event_id
)

select
    searches.source_key,
    searches.event_id,
    searches.business_unit_code,
    searches.channel_code,
    searches.customer_key,
    searches.visitor_key,
    searches.session_key,
    searches.search_term,
    searches.search_term_folded,
    searches.result_count,
    case when searches.result_count = 0 then 1 when searches.result_count > 0 then 0 end as is_zero_result,
    looks.click_rank,
    looks.clicked_listing_id,
    case when looks.event_id is null then 0 else 1 end as is_clicked,
    looks.dwell_seconds,
    coalesce(looks.has_addition, 0) as has_addition,
    case when looks.dwell_seconds >= {{ var('search_dwell_seconds') }} or looks.has_addition = 1 then 1 else 0 end as is_success,
    {# the reciprocal of the rank of the first click, 0 where nothing is clicked #}
    case
        when looks.click_rank > 0 then round({{ ratio('1', 'looks.click_rank') }}, 8)
        else 0
    end as reciprocal_rank,
    later.is_refined,
    later.has_order as has_order_in_a_day,
    searches.occurred_at_local as searched_at_local,
    searches.event_date as search_date,
    searches.is_counted
from searches
inner join later on later.source_key = searches.source_key and later.event_id = searches.event_id
left join looks on looks.source_key = searches.source_key and looks.event_id = searches.event_id
