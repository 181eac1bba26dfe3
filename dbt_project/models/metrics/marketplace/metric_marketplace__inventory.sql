{# a month ends with what was viewed in the ninety days up to its last one #}
{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_listing_days': periods_of('snapshot_date', grains),
        'listing_curves': 'select cohort_grain_code as period_grain_code, cohort_start as period_start from {changed}',
        'visit_steps': periods_of('event_date', ['month'], before=121),
        'dim_business_unit': all_periods(grains),
    },
) }}

with days as (
    select
        periods.period_grain_code,
        periods.period_start,
        case when days.snapshot_date = periods.period_start then days.is_live_start else 0 end as is_start,
        {# of a period that goes on, the last day that is known #}
        case
            when days.snapshot_date = {{ add_days('least(periods.period_end, known.data_through)', -1) }} then days.is_live_end
            else 0
        end as is_end,
        days.business_unit_code,
        days.listing_id,
        days.snapshot_date,
        coalesce(left(days.category_name, 64), 'unknown') as category_name,
        days.movement_code,
        days.first_live_date,
        days.quantity
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_listing_days') }} as days
        on days.snapshot_date >= periods.period_start
        and days.snapshot_date < periods.period_end
        {# no period is longer: where the planner goes from days to periods, it would read all since the calendar begins #}
        and periods.period_start > {{ add_days('days.snapshot_date', -32) }}
    {{ join_unit_of_type('days', 'marketplace') }}
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = days.business_unit_code
        and known.process_code = 'bookings'
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
),

counted as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when grouping(category_name) = 1 then 'all' else 'category' end as segment_type_code,
        case when grouping(category_name) = 1 then 'all' else category_name end as segment_code,
        sum(is_start) as start_count,
        {%- for movement in ['new', 'relisted', 'sold_out', 'removed'] %}
        sum(case when movement_code = '{{ movement }}' then 1 else 0 end) as {{ movement }}_count,
        {%- endfor %}
        sum(is_end) as end_count,
        sum(is_end * quantity) as unit_count
    from days
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, category_name)
    )
),

measured as (
    select counted.*, new_count + relisted_count - sold_out_count - removed_count as net_count
    from counted
),

looks as (
    select days.business_unit_code, days.period_start, days.listing_id, max(steps.event_date) as viewed_date
    from days
    inner join {{ ref('visit_steps') }} as steps
        on steps.business_unit_code = days.business_unit_code
        and steps.listing_id = days.listing_id
        and steps.event_date > {{ add_days('days.snapshot_date', -90) }}
        and steps.event_date <= days.snapshot_date
    where days.is_end = 1
        and days.period_grain_code = 'month'
        and steps.step_code = 'view'
        and steps.is_counted = 1
    group by days.business_unit_code, days.period_start, days.listing_id
),

stale as (
    select
        days.business_unit_code,
        days.period_grain_code,
        days.period_start,
        case when grouping(days.category_name) = 1 then 'all' else 'category' end as segment_type_code,
        case when grouping(days.category_name) = 1 then 'all' else days.category_name end as segment_code,
        {# what is not on offer for so long cannot have been passed over for so long #}
        sum(
            case
                when looks.listing_id is null and days.first_live_date <= {{ add_days('days.snapshot_date', -90) }} then 1
                else 0
            end
        ) as stale_count,
        count(*) as listing_count
    from days
    left join looks
        on looks.business_unit_code = days.business_unit_code
        and looks.period_start = days.period_start
        and looks.listing_id = days.listing_id
    where days.is_end = 1 and days.period_grain_code = 'month'
    group by grouping sets (
        (days.business_unit_code, days.period_grain_code, days.period_start),
        (days.business_unit_code, days.period_grain_code, days.period_start, days.category_name)
    )
),

curves as (
    select
        curves.business_unit_code,
        periods.period_grain_code,
        periods.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(curves.event_count + curves.censored_count) as listing_count,
        min(case when curves.event_count > 0 and curves.survival_share <= 0.5 + 0.000000001 then curves.day_number end)
            as median_days,
        {%- for day in [30, 90] %}
        {# of none that is followed for so long, nothing is known of it #}
        case when max(curves.day_number) >= {{ day }}
            then 1 - coalesce(min(case when curves.day_number <= {{ day }} then curves.survival_share end), 1)
        end as sold_by_{{ day }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('listing_curves') }} as curves
        on curves.cohort_grain_code = periods.period_grain_code
        and curves.cohort_start = periods.period_start
    {{ join_unit_of_type('curves', 'marketplace') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by curves.business_unit_code, periods.period_grain_code, periods.period_start
)

{% for variant, column in [
    ('listings_start', 'start_count'), ('new', 'new_count'), ('relisted', 'relisted_count'),
    ('sold_out', 'sold_out_count'), ('removed', 'removed_count'), ('listings_end', 'end_count'),
] %}
{{ variant_row('measured', 'marketplace.inventory', variant, 'count', value=column, n='start_count + new_count + relisted_count') }}
union all
{% endfor %}
{{ variant_row('measured', 'marketplace.inventory', 'units_end', 'count', value='unit_count', n='end_count') }}
union all
{{ variant_row('measured', 'marketplace.inventory', 'growth', 'mean', 'net_count', 'start_count') }}
union all
{{ variant_row('stale', 'marketplace.inventory', 'stale_share', 'ratio', 'stale_count', 'listing_count') }}
union all
{{ variant_row('curves', 'marketplace.inventory', 'days_to_first_sale', 'quantile', value='median_days', n='listing_count') }}
{% for day in ['30', '90'] %}
union all
{{ variant_row('curves', 'marketplace.inventory', 'sold_by_' ~ day, 'fitted', value='sold_by_' ~ day, n='listing_count') }}
{% endfor %}
