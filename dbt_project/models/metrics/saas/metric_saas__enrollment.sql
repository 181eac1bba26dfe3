{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_days': periods_of('active_date', grains),
        'first_days': periods_of('signed_up_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with sign_ups as (
    select
        periods.period_grain_code,
        periods.period_start,
        firsts.business_unit_code,
        firsts.person_key,
        case when firsts.first_active_date <= {{ add_days('firsts.signed_up_date', 7) }} then 1 else 0 end as is_activated
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as firsts
        on firsts.signed_up_date >= periods.period_start
        and firsts.signed_up_date < periods.period_end
    {{ join_unit_of_type('firsts', 'saas') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
),

persons as (
    {# whoever is there is a visitor, and may sign up where no visit is seen: no part of the other, so by person #}
    select
        business_unit_code,
        period_grain_code,
        period_start,
        person_key,
        max(is_visitor) as is_visitor,
        max(is_sign_up) as is_sign_up
    from (
        select
            periods.period_grain_code,
            periods.period_start,
            days.business_unit_code,
            days.person_key,
            1 as is_visitor,
            0 as is_sign_up
        from {{ ref('dim_period') }} as periods
        inner join {{ ref('active_days') }} as days
            on days.active_date >= periods.period_start
            and days.active_date < periods.period_end
        {{ join_unit_of_type('days', 'saas') }}
        where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
        union all
        select period_grain_code, period_start, business_unit_code, person_key, 0 as is_visitor, 1 as is_sign_up
        from sign_ups
    ) as seen
    group by business_unit_code, period_grain_code, period_start, person_key
),

enrolled as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(is_visitor) as visitor_count,
        sum(is_sign_up) as sign_up_count,
        {{ residual_squares('is_sign_up', 'is_visitor') }} as residual
    from persons
    group by business_unit_code, period_grain_code, period_start
),

activated as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as sign_up_count,
        sum(is_activated) as activated_count
    from sign_ups
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row('enrolled', 'saas.enrollment', 'enroll', 'mean', 'sign_up_count', 'visitor_count', 'residual') }}
union all
{{ variant_row('activated', 'saas.enrollment', 'activated_enroll', 'ratio', 'activated_count', 'sign_up_count') }}
