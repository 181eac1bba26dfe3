{% set grains = ['month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'engagement_tiers': "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'month' and (p.period_start = changed_rows.month_start"
            ~ " or p.previous_start = changed_rows.month_start or p.period_end = changed_rows.month_start)",
        'dim_business_unit': all_periods(grains),
    },
) }}

with tiers as (
    {%- for tier in engagement_tiers() %}
    {{ 'union all' if not loop.first }}
    select '{{ tier }}' as tier_code
    {%- endfor %}
),

counts as (
    {# of a month and of the one before: also of the tiers that nobody is in #}
    select
        periods.period_grain_code,
        periods.period_start,
        persons.business_unit_code,
        tiers.tier_code,
        sum(case when persons.month_start = periods.period_start then 1 else 0 end) as person_count,
        sum(case when persons.month_start = periods.previous_start then 1 else 0 end) as person_count_before,
        sum(
            case when persons.month_start = periods.period_start and persons.tier_code = tiers.tier_code then 1 else 0 end
        ) as tier_count,
        sum(
            case when persons.month_start = periods.previous_start and persons.tier_code = tiers.tier_code then 1 else 0 end
        ) as tier_count_before
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('engagement_tiers') }} as persons
        on persons.month_start in (periods.period_start, periods.previous_start)
    {{ join_unit_of_type('persons', 'ugc') }}
    cross join tiers
    where periods.period_grain_code = 'month'
        and {{ can_hold('coalesce(periods.previous_start, periods.period_start)', 'periods.period_end', 'engagement_tiers', 'month_start') }}
        and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, persons.business_unit_code, tiers.tier_code
),

shares as (
    {# of each of n people a share p is there: the squared residuals are n·p·(1 − p) #}
    select
        counts.*,
        'engagement_tier' as segment_type_code,
        tier_code as segment_code,
        tier_count - {{ ratio('tier_count * tier_count', 'person_count') }} as squares,
        tier_count_before - {{ ratio('tier_count_before * tier_count_before', 'person_count_before') }} as squares_before
    from counts
),

moves as (
    select
        periods.period_grain_code,
        periods.period_start,
        persons.business_unit_code,
        persons.tier_code,
        case when later.tier_rank > persons.tier_rank then 1 else 0 end as has_climbed,
        case when later.tier_rank < persons.tier_rank then 1 else 0 end as has_fallen,
        case when later.tier_rank is null then 1 else 0 end as has_left
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('engagement_tiers') }} as persons on persons.month_start = periods.period_start
    {{ join_unit_of_type('persons', 'ugc') }}
    left join {{ ref('engagement_tiers') }} as later
        on later.business_unit_code = persons.business_unit_code
        and later.person_key = persons.person_key
        and later.month_start = periods.period_end
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when grouping(tier_code) = 1 then 'all' else 'engagement_tier' end as segment_type_code,
        case when grouping(tier_code) = 1 then 'all' else tier_code end as segment_code,
        count(*) as person_count,
        sum(has_climbed) as climbed_count,
        sum(has_fallen) as fallen_count,
        sum(has_left) as left_count
    from moves
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, tier_code)
    )
)

{{ variant_row(
    'shares', 'ugc.engagement_funnel', 'tier_share', 'ratio', 'tier_count', 'person_count', where='person_count > 0',
) }}
union all
{{ share_difference(
    'shares', 'ugc.engagement_funnel', 'tier_share_change', 'tier_count', 'person_count', 'squares',
    'tier_count_before', 'person_count_before', 'squares_before', 'person_count + person_count_before',
    where='person_count > 0 and person_count_before > 0',
) }}
union all
{{ variant_row('measured', 'ugc.engagement_funnel', 'up_rate', 'ratio', 'climbed_count', 'person_count') }}
union all
{{ variant_row('measured', 'ugc.engagement_funnel', 'down_rate', 'ratio', 'fallen_count', 'person_count') }}
union all
{{ variant_row('measured', 'ugc.engagement_funnel', 'exit_rate', 'ratio', 'left_count', 'person_count') }}
