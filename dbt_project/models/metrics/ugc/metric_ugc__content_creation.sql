{% set grains = ['month', 'quarter'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'engagement_days': periods_of('active_date', ['month'], before=28),
        'survival_curves': 'select cohort_grain_code as period_grain_code, cohort_start as period_start from {changed}',
        'dim_business_unit': all_periods(grains),
    },
) }}

with persons as (
    {# the last 28 days of the month; who publishes is active #}
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        days.person_key,
        sum(days.item_count) as item_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('engagement_days') }} as days
        on days.active_date >= {{ add_days('periods.period_end', -28) }}
        and days.active_date < periods.period_end
    {{ join_unit_of_type('days', 'ugc') }}
    where periods.period_grain_code = 'month'
        and days.is_active = 1
        and {{ can_hold(add_days('periods.period_end', -28), 'periods.period_end', 'engagement_days', 'active_date') }}
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, days.business_unit_code, days.person_key
),

ranked as (
    {# the creators, whom the order by items puts behind all who published nothing #}
    select
        persons.*,
        case when item_count > 0 then 1 else 0 end as is_creator,
        row_number() over (partition by business_unit_code, period_start order by item_count, person_key) as place,
        row_number() over (partition by business_unit_code, period_start order by item_count desc, person_key) as place_from_top,
        count(*) over (partition by business_unit_code, period_start) as person_count,
        sum(case when item_count > 0 then 1 else 0 end) over (partition by business_unit_code, period_start) as creator_count
    from persons
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as person_count,
        sum(is_creator) as creator_count,
        sum(item_count) as item_count,
        {{ residual_squares('item_count', 'is_creator') }} as item_squares,
        {# one creator at least #}
        sum(case when place_from_top <= ceil(0.01 * creator_count) then item_count else 0 end) as top_item_count,
        {# who published nothing adds nothing, but takes a place among all active users #}
        sum((2 * place - person_count - 1) * item_count) as all_order_sum,
        sum((2 * (place - (person_count - creator_count)) - creator_count - 1) * item_count) as creator_order_sum
    from ranked
    group by business_unit_code, period_grain_code, period_start
),

curves as (
    select
        curves.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(curves.event_count + curves.censored_count) as person_count,
        {# the day by which half have published; none where fewer than half do #}
        min(case when curves.event_count > 0 and curves.survival_share <= 0.5 + 0.000000001 then curves.day_number end) as p50,
        case when max(curves.day_number) >= 30
            then 1 - coalesce(min(case when curves.day_number <= 30 then curves.survival_share end), 1)
        end as by_day_30
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('survival_curves') }} as curves
        on curves.cohort_grain_code = periods.period_grain_code
        and curves.cohort_start = periods.period_start
        and curves.curve_code = 'first_contribution'
    {{ join_unit_of_type('curves', 'ugc') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by curves.business_unit_code, periods.period_grain_code, periods.period_start
)

{{ variant_row('measured', 'ugc.content_creation', 'creator_share', 'ratio', 'creator_count', 'person_count') }}
union all
{{ variant_row('measured', 'ugc.content_creation', 'items_per_creator', 'mean', 'item_count', 'creator_count', 'item_squares') }}
union all
{{ variant_row(
    'measured', 'ugc.content_creation', 'top_1_percent_share', 'mean', 'top_item_count', 'item_count', units='creator_count',
) }}
union all
{{ variant_row(
    'measured', 'ugc.content_creation', 'gini_creators', 'mean', 'creator_order_sum', 'creator_count * item_count',
    n='creator_count',
) }}
union all
{{ variant_row(
    'measured', 'ugc.content_creation', 'gini_active', 'mean', 'all_order_sum', 'person_count * item_count', n='person_count',
) }}
union all
{{ variant_row('curves', 'ugc.content_creation', 'first_contribution_p50', 'quantile', value='p50', n='person_count') }}
union all
{{ variant_row('curves', 'ugc.content_creation', 'contributed_by_30', 'fitted', value='by_day_30', n='person_count') }}
