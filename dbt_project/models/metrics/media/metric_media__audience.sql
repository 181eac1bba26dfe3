{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_days': periods_of('active_date', grains)
            ~ " union select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'month' and changed_rows.active_date >= p.previous_start"
            ~ " and changed_rows.active_date < p.period_start",
        'first_days': periods_of('active.active_date', ['month'], of="{changed}"
            ~ " inner join core.active_days as active on active.business_unit_code = changed_rows.business_unit_code"
            ~ " and active.person_key = changed_rows.person_key"),
        'fct_sessions': periods_of('session_date', grains),
        'fct_subscription_months': months_of('month_start'),
        'dim_business_unit': all_periods(grains),
    },
) }}

with persons as (
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        days.person_key,
        max(case when days.customer_key = 'unknown' then 0 else 1 end) as is_known,
        sum(days.session_count) as visit_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_days') }} as days
        on days.active_date >= periods.period_start
        and days.active_date < periods.period_end
    {{ join_unit_of_type('days', 'media') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, days.business_unit_code, days.person_key
),

audiences as (
    select
        persons.business_unit_code,
        persons.period_grain_code,
        persons.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as person_count,
        sum(persons.is_known) as known_count,
        sum(1 - persons.is_known) as cookie_count,
        sum(case when firsts.first_seen_date < persons.period_start then 1 else 0 end) as returning_count
    from persons
    inner join {{ ref('first_days') }} as firsts
        on firsts.business_unit_code = persons.business_unit_code
        and firsts.person_key = persons.person_key
    group by persons.business_unit_code, persons.period_grain_code, persons.period_start
),

banded as (
    select
        persons.*,
        case
            when visit_count >= 9 then '9_plus'
            when visit_count >= 4 then '4_8'
            when visit_count >= 2 then '2_3'
            else '1'
        end as band_code,
        count(*) over (partition by business_unit_code, period_start) as person_count
    from persons
    where period_grain_code = 'month'
),

bands as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'loyalty_band' as segment_type_code,
        band_code as segment_code,
        count(*) as band_count,
        max(person_count) as person_count
    from banded
    group by business_unit_code, period_grain_code, period_start, band_code
),

cookies as (
    {# a device may be of two persons, and a person of two devices #}
    select
        sessions.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(distinct sessions.visitor_key) as visitor_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.session_date >= periods.period_start
        and sessions.session_date < periods.period_end
    {{ join_unit_of_type('sessions', 'media') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and sessions.is_counted = 1
        and {{ is_dirty('periods') }}
    group by sessions.business_unit_code, periods.period_grain_code, periods.period_start
),

presences as (
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        days.person_key,
        max(case when days.active_date < periods.period_start then 1 else 0 end) as was_there,
        max(case when days.active_date >= periods.period_start then 1 else 0 end) as is_there
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_days') }} as days
        on days.active_date >= periods.previous_start
        and days.active_date < periods.period_end
    {{ join_unit_of_type('days', 'media') }}
    where periods.period_grain_code = 'month'
        and {{ can_hold('periods.previous_start', 'periods.period_end', 'active_days', 'active_date') }}
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, days.business_unit_code, days.person_key
),

losses as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(was_there) as former_count,
        sum(was_there * (1 - is_there)) as left_count
    from presences
    group by business_unit_code, period_grain_code, period_start
),

subscribers as (
    select
        months.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(months.is_paying_start) as former_count,
        sum(case when months.movement_code = 'churn' then 1 else 0 end) as left_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months on months.month_start = periods.period_start
    {{ join_unit_of_type('months', 'media') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by months.business_unit_code, periods.period_grain_code, periods.period_start
)

{{ variant_row('audiences', 'media.audience', 'persons', 'count', value='person_count', n='person_count') }}
union all
{{ variant_row('cookies', 'media.audience', 'cookies', 'count', value='visitor_count', n='visitor_count') }}
union all
{{ variant_row('audiences', 'media.audience', 'logged_in_share', 'ratio', 'known_count', 'person_count') }}
union all
{{ variant_row('audiences', 'media.audience', 'cookie_loss_bound', 'ratio', 'cookie_count', 'person_count') }}
union all
{{ variant_row(
    'audiences', 'media.audience', 'returning', 'ratio', 'returning_count', 'person_count',
    where="period_grain_code = 'month'",
) }}
union all
{{ variant_row('bands', 'media.audience', 'band_share', 'ratio', 'band_count', 'person_count') }}
union all
{{ variant_row('losses', 'media.audience', 'audience_churn', 'ratio', 'left_count', 'former_count') }}
union all
{{ variant_row('subscribers', 'media.audience', 'subscriber_churn', 'ratio', 'left_count', 'former_count') }}
