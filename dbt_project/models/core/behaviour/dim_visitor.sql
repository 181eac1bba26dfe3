{{ config(
    unique_key=['visitor_key'],
    dirty_from={'fct_sessions': ['visitor_key'], 'bridge_visitor': ['visitor_key']},
    indexes=[{'columns': ['customer_key']}],
) }}

with persons as (
    select
        visitor_key,
        count(distinct customer_key) as person_count,
        max(is_shared) as is_shared,
        max(case when valid_to is null and is_shared = 0 then customer_key end) as customer_key
    from {{ ref('bridge_visitor') }} as bridge
    where {{ is_dirty('bridge') }}
    group by visitor_key
),

visitors as (
    select
        visitor_key,
        min(source_key) as source_key,
        min(business_unit_code) as business_unit_code,
        min(started_at_local) as first_seen_at_local,
        max(ended_at_local) as last_seen_at_local,
        (array_agg(platform_code order by started_at desc))[1] as platform_code,
        (array_agg(device_code order by started_at desc))[1] as device_code,
        count(*) as session_count,
        sum(is_counted) as counted_session_count,
        max(is_bot) as is_bot
    from {{ ref('fct_sessions') }} as sessions
    where {{ is_dirty('sessions') }}
    group by visitor_key
)

select
    visitors.visitor_key,
    visitors.source_key,
    visitors.business_unit_code,
    coalesce(persons.customer_key, 'unknown') as customer_key,
    visitors.platform_code,
    visitors.device_code,
    visitors.first_seen_at_local,
    visitors.last_seen_at_local,
    visitors.session_count,
    visitors.counted_session_count,
    coalesce(persons.person_count, 0) as person_count,
    coalesce(persons.is_shared, 0) as is_shared,
    visitors.is_bot
from visitors
left join persons on persons.visitor_key = visitors.visitor_key
union all
select *
from (
    select
        'unknown' as visitor_key,
        'unknown' as source_key,
        'unknown' as business_unit_code,
        'unknown' as customer_key,
        'unknown' as platform_code,
        'unknown' as device_code,
        cast(null as timestamp) as first_seen_at_local,
        cast(null as timestamp) as last_seen_at_local,
        0 as session_count,
        0 as counted_session_count,
        0 as person_count,
        0 as is_shared,
        0 as is_bot
) as unknown_member
where {{ is_dirty('unknown_member') }}
