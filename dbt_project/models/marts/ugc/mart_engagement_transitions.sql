{{ config(
    unique_key=['business_unit_code', 'month_start', 'tier_from_code', 'tier_to_code'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'engagement_tiers': "select business_unit_code, month_start from {changed}"
            ~ " union select business_unit_code, cast(month_start - interval '1 month' as date) from {changed}",
        'data_through': "select business_unit_code, cohort_start as month_start from ("
            ~ cohorts_followed(['month'], 31, ['content']) ~ ") as cohorts",
        'dim_business_unit': "select t.business_unit_code, t.month_start from core.engagement_tiers as t"
            ~ " inner join {changed} on changed_rows.business_unit_code = t.business_unit_code"
            ~ " union select t.business_unit_code, t.month_start from {this} as t"
            ~ " inner join {changed} on changed_rows.business_unit_code = t.business_unit_code",
    },
) }}

select
    tiers.business_unit_code,
    max(units.name_vi) as business_unit_name_vi,
    max(units.name_en) as business_unit_name_en,
    tiers.month_start,
    tiers.tier_code as tier_from_code,
    max(labels_from.name_vi) as tier_from_name_vi,
    max(labels_from.name_en) as tier_from_name_en,
    coalesce(later.tier_code, 'exit') as tier_to_code,
    max(labels_to.name_vi) as tier_to_name_vi,
    max(labels_to.name_en) as tier_to_name_en,
    count(*) as user_count,
    {# who is not there yet may still come #}
    max(case when next_months.period_end > known.data_through then 1 else 0 end) as is_provisional
from {{ ref('engagement_tiers') }} as tiers
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = tiers.business_unit_code
inner join {{ ref('dim_period') }} as next_months
    on next_months.period_grain_code = 'month' and next_months.previous_start = tiers.month_start
inner join {{ ref('data_through') }} as known
    on known.business_unit_code = tiers.business_unit_code and known.process_code = 'content'
left join {{ ref('engagement_tiers') }} as later
    on later.business_unit_code = tiers.business_unit_code
    and later.person_key = tiers.person_key
    and later.month_start = next_months.period_start
left join {{ ref('labels') }} as labels_from
    on labels_from.kind = 'engagement_tier' and labels_from.code = tiers.tier_code
left join {{ ref('labels') }} as labels_to
    on labels_to.kind = 'engagement_tier' and labels_to.code = coalesce(later.tier_code, 'exit')
where {{ is_dirty('tiers') }}
group by tiers.business_unit_code, tiers.month_start, tiers.tier_code, later.tier_code
