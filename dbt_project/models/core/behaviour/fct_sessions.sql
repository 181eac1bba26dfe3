{{ config(
    unique_key=['session_key'],
    dirty_key=['visitor_key', 'session_date'],
    dirty_from={
        'fct_events': "with days as (select distinct visitor_key, event_date from {changed}"
            ~ " where visitor_key <> 'unknown')"
            ~ " select visitor_key, event_date as session_date from days"
            ~ " union select visitor_key, event_date + 1 from days"
            ~ " union select t.visitor_key, t.session_date from {this} as t inner join days"
            ~ " on t.visitor_key = days.visitor_key"
            ~ " and t.session_date <= days.event_date + 1 and t.ended_date >= days.event_date - 1",
        'bridge_visitor': "select t.visitor_key, t.session_date from {this} as t inner join {changed}"
            ~ " on t.visitor_key = changed_rows.visitor_key and t.started_at >= changed_rows.valid_from"
            ~ " and (changed_rows.valid_to is null or t.started_at < changed_rows.valid_to)",
    },
    change_carries=['source_key', 'visitor_key', 'customer_key', 'business_unit_code', 'session_date'],
    indexes=[
        {'columns': ['visitor_key', 'session_date']}, {'columns': ['customer_key']}, {'columns': ['session_date']},
        {'columns': ['business_unit_code', 'session_date']},
    ],
) }}

{% set is_view = "case when kind_code in ('page', 'screen') then 1 else 0 end" %}
{% set is_heartbeat = "lower(event_name) in ('heartbeat', 'page_ping', 'page ping')" %}
{% set heartbeat = var('heartbeat_seconds') %}
{% set of_the_first_event = [
    'event_id', 'source_key', 'business_unit_code', 'channel_code', 'platform_code', 'device_code', 'page_host',
    'page_path', 'referrer_host', 'utm_source', 'utm_medium', 'utm_campaign',
] %}

with events as {{ computed_by_each() }} (
    {#
        Which visit an event is of depends on those before it, and how long a visit goes on is not known before:
        of a dirty visitor all is read from the day before the first dirty one. What begins on a day that is not
        dirty is left out in the end; it may have begun earlier than was read.
    #}
    select events.*
    from {{ ref('fct_events') }} as events
    {%- if reads_dirty_keys() %}
    left join (
        select visitor_key, min(session_date) - 1 as first_date
        from pg_temp.{{ this.identifier }}__dirty
        group by visitor_key
    ) as dirty_visitors on dirty_visitors.visitor_key = events.visitor_key
    {%- endif %}
    where events.visitor_key <> 'unknown'
    {%- if reads_dirty_keys() %}
        and /*dirty*/ events.visitor_key = any(array(select distinct visitor_key from pg_temp.{{ this.identifier }}__dirty))
        and events.event_date >= dirty_visitors.first_date /*:dirty*/
    {%- endif %}
),

following as (
    select
        events.visitor_key,
        events.occurred_at,
        {%- for column in of_the_first_event %}
        events.{{ column }},
        {%- endfor %}
        lag(events.occurred_at) over (partition by events.visitor_key order by events.occurred_at, events.event_id)
            as former_at
    from events
),

begins as (
    select
        following.*,
        row_number() over (partition by visitor_key order by occurred_at, event_id) as session_number
    from following
    where former_at is null or occurred_at > former_at + interval '{{ var("session_gap_minutes") }} minutes'
),

visitors as (
    select visitor_key, array_agg(occurred_at order by session_number) as begun
    from begins
    group by visitor_key
),

numbered as (
    select
        events.*,
        {# an event is of the visit that began last: its number is how many had begun by then; each has a time, as it has a visitor #}
        width_bucket(events.occurred_at, visitors.begun) as session_number
    from events
    inner join visitors on visitors.visitor_key = events.visitor_key
),

aggregated as (
    select
        visitor_key,
        session_number,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        sum({{ is_view }}) as view_count,
        sum(case when event_name = 'Products Searched' or search_term is not null then 1 else 0 end) as search_count,
        sum({{ is_product_view('numbered') }}) as product_view_count,
        sum(case when event_name = 'Product Added' then 1 else 0 end) as cart_addition_count,
        {# what was put in and left in; where no price is told, nothing is known #}
        sum(case event_name when 'Product Added' then amount when 'Product Removed' then -amount end) as cart_amount,
        sum(case when event_name = 'Checkout Started' then 1 else 0 end) as checkout_count,
        sum(case when event_name = 'Order Completed' then 1 else 0 end) as purchase_count,
        {# asked of a list, for a join would leave them without the order in which they lie #}
        sum(case when (business_unit_code, event_name) in (
            select core_events.business_unit_code, core_events.event_name from {{ ref('core_events') }} as core_events
        ) then 1 else 0 end) as core_event_count,
        {# two windows that are open at once are looked at for one length of time #}
        count(distinct case when {{ is_heartbeat }} then floor({{ epoch_seconds('occurred_at') }} / {{ heartbeat }}) end)
            * {{ heartbeat }} as heartbeat_seconds,
        max(case when {{ is_heartbeat }} then 1 else 0 end) as has_heartbeats,
        sum(active_seconds) as active_seconds,
        (array_agg(event_name order by occurred_at, event_id) filter (where {{ is_view }} = 1))[1] as first_view_name,
        (array_agg(event_name order by occurred_at desc, event_id desc) filter (where {{ is_view }} = 1))[1]
            as last_view_name,
        min(nullif(customer_key, 'unknown')) as customer_key,
        max(nullif(customer_key, 'unknown')) as other_customer_key,
        max(is_internal) as is_internal,
        max(is_bot) as is_bot
    from numbered
    group by visitor_key, session_number
),

visits as (
    select
        aggregated.*,
        {%- for column in of_the_first_event %}
        begins.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from aggregated
    inner join begins on begins.visitor_key = aggregated.visitor_key and begins.session_number = aggregated.session_number
),

known_hosts as (
    select
        hosts.referrer_host,
        traffic_sources.entry_code,
        row_number() over (
            partition by hosts.referrer_host order by length(traffic_sources.value) desc, traffic_sources.value
        ) as nearness
    from (select distinct referrer_host from visits where referrer_host is not null) as hosts
    inner join {{ ref('traffic_sources') }} as traffic_sources
        on traffic_sources.kind = 'host'
        and '.' || lower(hosts.referrer_host) || '.' like '%.' || traffic_sources.value || '.%'
),

measured as (
    select
        visits.*,
        {{ local_date('visits.started_at', 'units.time_zone') }} as session_date,
        {{ local_time('visits.started_at', 'units.time_zone') }} as started_at_local,
        {{ local_time('visits.ended_at', 'units.time_zone') }} as ended_at_local,
        {{ local_date('visits.ended_at', 'units.time_zone') }} as ended_date,
        {{ seconds_between('visits.started_at', 'visits.ended_at') }} as wall_seconds,
        {# a source sends heartbeats or says how long; of one that does neither, nothing is known #}
        case when visits.has_heartbeats = 1 or visits.active_seconds is not null
            then cast(greatest(visits.heartbeat_seconds, coalesce(visits.active_seconds, 0)) as numeric(18, 4)) end
            as engaged_seconds,
        {# who several people signed in as is nobody; where nobody did, it is whose device it is by then #}
        case
            when visits.customer_key = visits.other_customer_key then visits.customer_key
            when visits.customer_key is null then attached.customer_key
        end as whose,
        case when visits.customer_key is null then greatest(visits.is_internal, coalesce(attached.is_internal, 0))
            else visits.is_internal end as is_staff
    from visits
    inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = visits.business_unit_code
    left join {{ ref('bridge_visitor') }} as attached
        on attached.visitor_key = visits.visitor_key
        and attached.is_shared = 0
        and visits.started_at >= attached.valid_from
        and (attached.valid_to is null or visits.started_at < attached.valid_to)
),

judged as (
    select
        measured.*,
        case
            when measured.is_bot = 1 then 'agent'
            {# nobody opens twenty pages at more than one a second, nor does a hundred things at five a second #}
            when measured.view_count >= {{ var("bot_views") }} and measured.wall_seconds < measured.view_count then 'rate'
            when measured.event_count >= {{ var("bot_events") }} and measured.wall_seconds * 5 < measured.event_count
                then 'rate'
        end as bot_rule_code,
        {# a clock that runs wild, a script, or a cookie that many have #}
        case
            when measured.wall_seconds > {{ var("longest_session_hours") }} * 3600 then 1
            when measured.event_count > {{ var("most_session_events") }} then 1
            else 0
        end as is_quarantined,
        case when measured.view_count >= 2 or measured.engaged_seconds >= 2 * {{ heartbeat }} or measured.purchase_count > 0
            then 1 else 0 end as is_engaged
    from measured
)

select
    md5(judged.visitor_key || ':' || judged.event_id) as session_key,
    judged.visitor_key,
    judged.source_key,
    judged.business_unit_code,
    judged.channel_code,
    coalesce(judged.whose, 'unknown') as customer_key,
    judged.is_staff as is_internal,
    judged.platform_code,
    judged.device_code,
    judged.started_at,
    judged.started_at_local,
    judged.session_date,
    judged.ended_at,
    judged.ended_at_local,
    judged.ended_date,
    judged.wall_seconds,
    judged.engaged_seconds,
    judged.event_count,
    judged.view_count,
    judged.search_count,
    judged.cart_addition_count,
    judged.checkout_count,
    judged.purchase_count,
    judged.core_event_count,
    judged.first_view_name,
    judged.last_view_name,
    judged.page_path as entry_path,
    case
        when mediums.entry_code is not null then mediums.entry_code
        when judged.utm_medium is not null or judged.utm_source is not null then 'other'
        when judged.referrer_host is null then 'direct'
        {# from the site itself, where a visit goes on after a pause #}
        when replace(judged.referrer_host, 'www.', '') = replace(judged.page_host, 'www.', '') then 'direct'
        else coalesce(known_hosts.entry_code, 'referral')
    end as entry_code,
    judged.utm_source,
    judged.utm_medium,
    judged.utm_campaign,
    judged.referrer_host,
    case when judged.bot_rule_code is not null then 1 else 0 end as is_bot,
    judged.bot_rule_code,
    judged.is_quarantined,
    case when judged.bot_rule_code is null and judged.is_quarantined = 0 and judged.is_staff = 0 then 1 else 0 end as is_counted,
    judged.is_engaged,
    1 - judged.is_engaged as is_bounce,
    judged.product_view_count,
    judged.cart_amount
from judged
left join {{ ref('traffic_sources') }} as mediums
    on mediums.kind = 'medium' and mediums.value = lower(judged.utm_medium)
left join known_hosts on known_hosts.referrer_host = judged.referrer_host and known_hosts.nearness = 1
where {{ is_dirty('judged') }}
