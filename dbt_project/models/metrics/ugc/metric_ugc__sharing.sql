{#
    A share is followed for a week: who comes by its link for the first time, and who shares on what it brought. The
    link says by its campaign (utm_campaign) of which share it is, an act by its parent.
#}
{% set grains = ['day', 'week', 'month'] %}
{% set followed = 7 %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_content_events': periods_of('event_date', grains)
            ~ ' union ' ~ periods_of('event_date', ['week', 'month'], after=followed),
        'engagement_days': periods_of('active_date', ['week', 'month']),
        'fct_sessions': periods_of('session_date', ['week', 'month'], after=followed),
        'first_acts': periods_of('first_seen_date', ['week', 'month'], after=followed),
        'dim_business_unit': all_periods(grains),
    },
) }}

with recursive actors as (
    {# whose profile is not known is who the source says #}
    select
        periods.period_grain_code,
        periods.period_start,
        events.business_unit_code,
        coalesce(
            nullif(events.customer_key, 'unknown'), events.identifier_key, events.anonymous_id, 'unknown'
        ) as actor_key,
        sum(case when events.kind_code = 'share' then 1 else 0 end) as share_count,
        sum(case when events.kind_code = 'view' then 1 else 0 end) as view_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_content_events') }} as events
        on events.event_date >= periods.period_start
        and events.event_date < periods.period_end
    {{ join_unit_of_type('events', 'ugc') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and events.is_internal = 0
        and events.kind_code in ('share', 'view')
        and {{ is_dirty('periods') }}
    group by
        periods.period_grain_code, periods.period_start, events.business_unit_code,
        coalesce(nullif(events.customer_key, 'unknown'), events.identifier_key, events.anonymous_id, 'unknown')
),

shares as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(share_count) as share_count,
        sum(view_count) as view_count,
        {{ residual_squares('share_count', 'view_count') }} as share_squares,
        count(*) as actor_count
    from actors
    group by business_unit_code, period_grain_code, period_start
),

persons as (
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        days.person_key,
        max(case when days.share_count > 0 then 1 else 0 end) as is_sharer
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('engagement_days') }} as days
        on days.active_date >= periods.period_start
        and days.active_date < periods.period_end
    {{ join_unit_of_type('days', 'ugc') }}
    where periods.period_grain_code in ('week', 'month')
        and days.is_active = 1
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, days.business_unit_code, days.person_key
),

crowds as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        count(*) as person_count,
        sum(is_sharer) as sharer_count
    from persons
    group by business_unit_code, period_grain_code, period_start
),

brought as (
    select distinct
        periods.period_grain_code,
        periods.period_start,
        sessions.business_unit_code,
        {{ person_of_session('sessions') }} as person_key,
        sessions.session_key,
        sessions.session_date,
        sessions.started_at
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_content_events') }} as shares
        on shares.event_date >= periods.period_start
        and shares.event_date < periods.period_end
    {{ join_unit_of_type('shares', 'ugc') }}
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.session_date >= periods.period_start
        and sessions.session_date < {{ add_days('periods.period_end', followed) }}
        and sessions.business_unit_code = shares.business_unit_code
        and sessions.utm_campaign = shares.content_event_id
        and sessions.started_at >= shares.occurred_at
        and sessions.started_at <= {{ add_seconds('shares.occurred_at', followed * 86400) }}
    where periods.period_grain_code in ('week', 'month')
        and shares.kind_code = 'share'
        and shares.is_internal = 0
        and sessions.utm_source = 'share'
        and sessions.is_counted = 1
        and {{ is_dirty('periods') }}
),

newcomers as (
    {# the first visit ever #}
    select
        brought.business_unit_code,
        brought.period_grain_code,
        brought.period_start,
        count(*) as newcomer_count
    from brought
    inner join {{ ref('first_acts') }} as firsts
        on firsts.business_unit_code = brought.business_unit_code
        and firsts.person_key = brought.person_key
        and firsts.first_seen_date = brought.session_date
    where not exists (
        select 1
        from {{ ref('fct_sessions') }} as earlier
        where earlier.business_unit_code = brought.business_unit_code
            and earlier.session_date = brought.session_date
            and {{ person_of_session('earlier') }} = brought.person_key
            and earlier.is_counted = 1
            and (earlier.started_at, earlier.session_key) < (brought.started_at, brought.session_key)
    )
    group by brought.business_unit_code, brought.period_grain_code, brought.period_start
),

links as (
    {# where no link that somebody came by says of which share it is, nobody knows what a share brings #}
    select
        sessions.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        count(sessions.utm_campaign) as named_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.session_date >= periods.period_start
        and sessions.session_date < periods.period_end
    {{ join_unit_of_type('sessions', 'ugc') }}
    where periods.period_grain_code in ('week', 'month')
        and sessions.utm_source = 'share'
        and sessions.is_counted = 1
        and {{ is_dirty('periods') }}
    group by sessions.business_unit_code, periods.period_grain_code, periods.period_start
),

measured as (
    select
        crowds.*,
        'all' as segment_type_code,
        'all' as segment_code,
        coalesce(newcomers.newcomer_count, 0) as newcomer_count
    from crowds
    left join newcomers
        on newcomers.business_unit_code = crowds.business_unit_code
        and newcomers.period_grain_code = crowds.period_grain_code
        and newcomers.period_start = crowds.period_start
    left join links
        on links.business_unit_code = crowds.business_unit_code
        and links.period_grain_code = crowds.period_grain_code
        and links.period_start = crowds.period_start
    where coalesce(links.named_count, 1) > 0
),

acts as (
    select
        periods.period_grain_code,
        periods.period_start,
        events.source_key,
        events.business_unit_code,
        events.content_event_id,
        events.parent_event_id,
        events.kind_code,
        events.occurred_at,
        case
            when events.kind_code = 'share' and events.parent_event_id is null and events.is_internal = 0
                and events.event_date < periods.period_end then 1
            else 0
        end as begins
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_content_events') }} as events
        on events.event_date >= periods.period_start
        and events.event_date < {{ add_days('periods.period_end', followed) }}
    {{ join_unit_of_type('events', 'ugc') }}
    where periods.period_grain_code in ('week', 'month')
        and (events.kind_code = 'share' or events.parent_event_id is not null)
        and {{ is_dirty('periods') }}
),

cascades as (
    {# an act has one parent and what begins has none, so that nothing comes round again #}
    select
        period_grain_code,
        period_start,
        source_key,
        business_unit_code,
        content_event_id as first_event_id,
        occurred_at as first_at,
        content_event_id,
        1 as depth
    from acts
    where begins = 1
    union all
    select
        cascades.period_grain_code,
        cascades.period_start,
        cascades.source_key,
        cascades.business_unit_code,
        cascades.first_event_id,
        cascades.first_at,
        acts.content_event_id,
        cascades.depth + case when acts.kind_code = 'share' then 1 else 0 end as depth
    from cascades
    inner join acts
        on acts.period_grain_code = cascades.period_grain_code
        and acts.period_start = cascades.period_start
        and acts.source_key = cascades.source_key
        and acts.business_unit_code = cascades.business_unit_code
        and acts.parent_event_id = cascades.content_event_id
        and acts.occurred_at <= {{ add_seconds('cascades.first_at', followed * 86400) }}
),

depths as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        max(depth) as depth,
        count(*) as act_count
    from cascades
    group by business_unit_code, period_grain_code, period_start, source_key, first_event_id
),

deep as (
    {# where nothing is known to have come of any share, depths are not tracked #}
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        percentile_cont(0.9) within group (order by depth) as depth_p90,
        count(*) as cascade_count
    from depths
    group by business_unit_code, period_grain_code, period_start
    having max(act_count) > 1
)

{{ variant_row(
    'shares', 'ugc.sharing', 'share_rate', 'mean', 'share_count', 'view_count', 'share_squares', units='actor_count',
) }}
union all
{{ variant_row('measured', 'ugc.sharing', 'new_per_sharer', 'mean', 'newcomer_count', 'sharer_count') }}
union all
{{ variant_row('measured', 'ugc.sharing', 'k_content', 'mean', 'newcomer_count', 'person_count') }}
union all
{{ variant_row(
    'deep', 'ugc.sharing', 'cascade_depth_p90', 'quantile', value='depth_p90', n='cascade_count',
) }}
