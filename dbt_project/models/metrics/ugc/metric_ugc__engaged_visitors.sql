{# the seven days that end with the period: a week is one, and of a day they are those up to it #}
{% set grains = ['day', 'week'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'engagement_days': periods_of('active_date', grains, before=7),
        'dim_business_unit': all_periods(grains),
    },
) }}

with persons as (
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        days.person_key,
        sum(days.session_count) as visit_count,
        case
            when sum(days.engaged_session_count) > 0 and sum(days.reaction_count + days.comment_count) > 0 then 1
            else 0
        end as is_engaged
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('engagement_days') }} as days
        on days.active_date >= {{ add_days('periods.period_end', -7) }}
        and days.active_date < periods.period_end
        {# said once more by the start, by which periods are found #}
        and periods.period_start between {{ add_days('days.active_date', -6) }} and {{ add_days('days.active_date', 6) }}
    {{ join_unit_of_type('days', 'ugc') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, days.business_unit_code, days.person_key
    having sum(days.session_count) > 0
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as visitor_count,
        sum(is_engaged) as engaged_count,
        sum(is_engaged * visit_count) as visit_count,
        {{ residual_squares('is_engaged * visit_count', 'is_engaged') }} as visit_squares
    from persons
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row('measured', 'ugc.engaged_visitors', 'engaged', 'count', value='engaged_count', n='visitor_count') }}
union all
{{ variant_row('measured', 'ugc.engaged_visitors', 'engaged_share', 'ratio', 'engaged_count', 'visitor_count') }}
union all
{{ variant_row('measured', 'ugc.engaged_visitors', 'visits_per_engaged', 'mean', 'visit_count', 'engaged_count', 'visit_squares') }}
