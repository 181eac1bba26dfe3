{% set grains = ['week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_milestones': periods_of('milestone_date', grains),
        'fct_install_days': periods_of('install_date', ['month']),
        'fct_feedback': periods_of('answered_date', ['month']),
        'active_months': months_of('month_start'),
        'dim_business_unit': all_periods(grains),
    },
) }}

with persons as (
    select
        periods.period_grain_code,
        periods.period_start,
        milestones.business_unit_code,
        milestones.person_key,
        sum(case when milestones.milestone_code = 'rating_prompted' then 1 else 0 end) as prompt_count,
        sum(case when milestones.milestone_code = 'rating_clicked' then 1 else 0 end) as click_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_milestones') }} as milestones
        on milestones.milestone_date >= periods.period_start
        and milestones.milestone_date < periods.period_end
    {{ join_unit_of_type('milestones', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and milestones.milestone_code in ('rating_prompted', 'rating_clicked')
        and milestones.is_counted = 1
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, milestones.business_unit_code, milestones.person_key
),

prompts as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(prompt_count) as prompt_count,
        sum(click_count) as click_count,
        count(*) as person_count,
        {{ residual_squares('click_count', 'prompt_count') }} as residual
    from persons
    group by business_unit_code, period_grain_code, period_start
),

users as (
    select periods.period_grain_code, periods.period_start, users.business_unit_code, count(*) as user_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_months') }} as users on users.month_start = periods.period_start
    {{ join_unit_of_type('users', 'app') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, users.business_unit_code
),

counted as (
    {# a store that counts its ratings is believed; of one that does not, its reviews are all that is known #}
    select periods.period_start, installs.business_unit_code, sum(installs.rating_count) as rating_count, 0 as review_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_install_days') }} as installs
        on installs.install_date >= periods.period_start
        and installs.install_date < periods.period_end
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_start, installs.business_unit_code
    union all
    select periods.period_start, feedback.business_unit_code, null as rating_count, count(*) as review_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_feedback') }} as feedback
        on feedback.answered_date >= periods.period_start
        and feedback.answered_date < periods.period_end
    where periods.period_grain_code = 'month'
        and feedback.kind_code = 'review'
        and feedback.is_internal = 0
        and {{ is_dirty('periods') }}
    group by periods.period_start, feedback.business_unit_code
),

ratings as (
    select
        business_unit_code,
        period_start,
        coalesce(sum(rating_count), sum(review_count)) as rating_count
    from counted
    group by business_unit_code, period_start
),

shares as (
    select
        users.business_unit_code,
        users.period_grain_code,
        users.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        users.user_count,
        coalesce(ratings.rating_count, 0) as rating_count
    from users
    left join ratings
        on ratings.business_unit_code = users.business_unit_code
        and ratings.period_start = users.period_start
)

{{ variant_row('prompts', 'app.rating', 'rate_prompt_ctr', 'mean', 'click_count', 'prompt_count', 'residual', units='person_count') }}
union all
{{ variant_row('shares', 'app.rating', 'review_share', 'mean', 'rating_count', 'user_count') }}
