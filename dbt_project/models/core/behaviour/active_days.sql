{# sessions of a known customer and those of a device are found by an index each #}
{{ config(
    unique_key=['business_unit_code', 'person_key', 'active_date'],
    dirty_from={
        'fct_sessions': "select business_unit_code, session_date as active_date,"
            ~ " case when customer_key = 'unknown' then visitor_key else customer_key end as person_key from {changed}",
    },
    change_carries=['is_active'],
    indexes=[{'columns': ['active_date']}],
) }}

with sessions as (
    {%- for person, condition in [('customer_key', "<> 'unknown'"), ('visitor_key', "= 'unknown'")] %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code,
        {{ person }} as person_key,
        session_date as active_date,
        customer_key,
        session_key,
        started_at,
        platform_code,
        core_event_count
    from {{ ref('fct_sessions') }} as sessions
    where customer_key {{ condition }}
        and is_counted = 1
        and {{ is_dirty('sessions', ['business_unit_code', person, 'session_date']) }}
    {%- endfor %}
)

select
    sessions.business_unit_code,
    sessions.person_key,
    sessions.active_date,
    max(sessions.customer_key) as customer_key,
    (array_agg(sessions.platform_code order by sessions.started_at, sessions.session_key))[1] as platform_code,
    count(*) as session_count,
    sum(sessions.core_event_count) as core_event_count,
    {# where nobody said what a product is for, whoever comes uses it #}
    case when sum(sessions.core_event_count) > 0 or max(declared.business_unit_code) is null then 1 else 0 end as is_active
from sessions
left join (select distinct business_unit_code from {{ ref('core_events') }}) as declared
    on declared.business_unit_code = sessions.business_unit_code
group by sessions.business_unit_code, sessions.person_key, sessions.active_date
