{# what anybody does on a day is found by the person's own indexes; whose profile is not known is seen in visits alone #}
{{ config(
    unique_key=['business_unit_code', 'person_key', 'active_date'],
    dirty_from={
        'fct_sessions': "select business_unit_code, session_date as active_date,"
            ~ " case when customer_key = 'unknown' then visitor_key else customer_key end as person_key from {changed}",
        'fct_content_events': "select business_unit_code, event_date as active_date, customer_key as person_key from {changed}",
        'dim_content': "select business_unit_code, published_date as active_date, customer_key as person_key from {changed}",
        'dim_business_unit': "select s.business_unit_code, s.session_date as active_date,"
            ~ " case when s.customer_key = 'unknown' then s.visitor_key else s.customer_key end as person_key"
            ~ " from core.fct_sessions as s where s.business_unit_code in (select business_unit_code from {changed})"
            ~ " union select e.business_unit_code, e.event_date, e.customer_key from core.fct_content_events as e"
            ~ " where e.business_unit_code in (select business_unit_code from {changed})"
            ~ " union select c.business_unit_code, c.published_date, c.customer_key from core.dim_content as c"
            ~ " where c.business_unit_code in (select business_unit_code from {changed})",
    },
    indexes=[{'columns': ['active_date']}],
) }}

with things as (
    {%- for person, condition in [('customer_key', "<> 'unknown'"), ('visitor_key', "= 'unknown'")] %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code,
        {{ person }} as person_key,
        session_date as active_date,
        'visit' as kind_code,
        is_engaged,
        core_event_count
    from {{ ref('fct_sessions') }} as sessions
    where customer_key {{ condition }}
        and is_counted = 1
        and {{ is_dirty('sessions', ['business_unit_code', person, 'session_date']) }}
    {%- endfor %}
    union all
    select
        business_unit_code,
        customer_key as person_key,
        event_date as active_date,
        kind_code,
        0 as is_engaged,
        0 as core_event_count
    from {{ ref('fct_content_events') }} as events
    where customer_key <> 'unknown'
        and is_internal = 0
        and event_date is not null
        and kind_code in ('view', 'like', 'save', 'follow', 'donate', 'comment', 'share')
        and {{ is_dirty('events', ['business_unit_code', 'customer_key', 'event_date']) }}
    union all
    select
        business_unit_code,
        customer_key as person_key,
        published_date as active_date,
        'item' as kind_code,
        0 as is_engaged,
        0 as core_event_count
    from {{ ref('dim_content') }} as contents
    where customer_key <> 'unknown'
        and is_internal = 0
        and published_date is not null
        and {{ is_dirty('contents', ['business_unit_code', 'customer_key', 'published_date']) }}
)

select
    things.business_unit_code,
    things.person_key,
    things.active_date,
    sum(case when things.kind_code = 'visit' then 1 else 0 end) as session_count,
    sum(case when things.kind_code = 'visit' then things.is_engaged else 0 end) as engaged_session_count,
    sum(case when things.kind_code = 'view' then 1 else 0 end) as view_count,
    sum(case when things.kind_code in ('like', 'save', 'follow', 'donate') then 1 else 0 end) as reaction_count,
    sum(case when things.kind_code = 'comment' then 1 else 0 end) as comment_count,
    sum(case when things.kind_code = 'share' then 1 else 0 end) as share_count,
    sum(case when things.kind_code = 'item' then 1 else 0 end) as item_count,
    {# a visit counts where the product was used for what it is for; an act always does #}
    max(case
        when things.kind_code <> 'visit' then 1
        when things.core_event_count > 0 or declared.business_unit_code is null then 1
        else 0
    end) as is_active
from things
{{ join_unit_of_type('things', 'ugc') }}
left join (select distinct business_unit_code from {{ ref('core_events') }}) as declared
    on declared.business_unit_code = things.business_unit_code
group by things.business_unit_code, things.person_key, things.active_date
