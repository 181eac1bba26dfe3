{{ config(
    unique_key=['business_unit_code', 'person_key', 'month_start'],
    dirty_from={
        'engagement_days': "select business_unit_code, person_key, cast(date_trunc('month', active_date) as date) as month_start"
            ~ " from {changed}",
    },
    indexes=[{'columns': ['month_start']}],
) }}

with days as (
    {# found by the days' own key; the month narrows the range within it #}
    select days.*, months.period_start as month_start
    from {{ ref('engagement_days') }} as days
    inner join {{ ref('dim_period') }} as months
        on months.period_grain_code = 'month'
        and days.active_date >= months.period_start
        and days.active_date < months.period_end
    where days.is_active = 1
),

persons as (
    {# the highest thing done in the month #}
    select
        business_unit_code,
        person_key,
        month_start,
        sum(item_count) as item_count,
        case
            when sum(item_count) >= {{ var('core_creator_items') }} then 5
            when sum(item_count) > 0 then 4
            when sum(comment_count + share_count) > 0 then 3
            when sum(reaction_count) > 0 then 2
            else 1
        end as tier_rank
    from days
    where {{ is_dirty('days') }}
    group by business_unit_code, person_key, month_start
)

select
    business_unit_code,
    person_key,
    month_start,
    item_count,
    tier_rank,
    {{ engagement_tier('tier_rank') }} as tier_code
from persons
