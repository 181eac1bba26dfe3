{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_content_events': periods_of('event_date', grains),
        'engagement_days': periods_of('active_date', grains),
        'fct_sessions': periods_of('session_date', grains),
        'first_acts': periods_of('first_seen_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with actors as (
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

visits as (
    select
        periods.period_grain_code,
        periods.period_start,
        sessions.business_unit_code,
        {{ person_of_session('sessions') }} as person_key,
        sessions.session_date,
        sessions.utm_source,
        row_number() over (
            partition by periods.period_grain_code, periods.period_start, sessions.business_unit_code,
                {{ person_of_session('sessions') }}
            order by sessions.started_at, sessions.session_key
        ) as visit_number
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.session_date >= periods.period_start
        and sessions.session_date < periods.period_end
    {{ join_unit_of_type('sessions', 'ugc') }}
    where periods.period_grain_code in ('week', 'month')
        and sessions.is_counted = 1
        and {{ is_dirty('periods') }}
),

arrivals as (
    {# the first visit ever, and through a link that somebody shared #}
    select
        visits.business_unit_code,
        visits.period_grain_code,
        visits.period_start,
        count(*) as newcomer_count
    from visits
    inner join {{ ref('first_acts') }} as firsts
        on firsts.business_unit_code = visits.business_unit_code
        and firsts.person_key = visits.person_key
        and firsts.first_seen_date = visits.session_date
    where visits.visit_number = 1 and visits.utm_source = 'share'
    group by visits.business_unit_code, visits.period_grain_code, visits.period_start
),

measured as (
    select
        crowds.*,
        'all' as segment_type_code,
        'all' as segment_code,
        coalesce(arrivals.newcomer_count, 0) as newcomer_count
    from crowds
    left join arrivals
        on arrivals.business_unit_code = crowds.business_unit_code
        and arrivals.period_grain_code = crowds.period_grain_code
        and arrivals.period_start = crowds.period_start
)

{{ variant_row(
    'shares', 'ugc.sharing', 'share_rate', 'mean', 'share_count', 'view_count', 'share_squares', units='actor_count',
) }}
union all
{{ variant_row('measured', 'ugc.sharing', 'new_per_sharer', 'mean', 'newcomer_count', 'sharer_count') }}
union all
{{ variant_row('measured', 'ugc.sharing', 'k_content', 'mean', 'newcomer_count', 'person_count') }}
