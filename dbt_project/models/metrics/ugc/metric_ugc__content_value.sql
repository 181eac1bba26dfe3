{#
    What an item brings in its first 90 days: advertising as its platform tells it, and donations; else there is no value.
    Net of what it cost to moderate it, where a source tells that.
#}
{% set grains = ['month'] %}
{% set followed = 90 %}
{% set item = ['period_grain_code', 'period_start', 'business_unit_code', 'content_key', 'customer_key'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'dim_content': periods_of('published_date', grains),
        'fct_content_events': periods_of('event_date', grains, after=followed),
        'fct_content_days': periods_of('content_date', grains, after=followed),
        'dim_business_unit': all_periods(grains),
    },
) }}

with items as (
    select
        periods.period_grain_code,
        periods.period_start,
        contents.business_unit_code,
        contents.source_key,
        contents.content_id,
        contents.content_key,
        contents.customer_key,
        contents.published_date
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('dim_content') }} as contents
        on contents.published_date >= periods.period_start
        and contents.published_date < periods.period_end
    {{ join_unit_of_type('contents', 'ugc') }}
    where periods.period_grain_code = 'month'
        and contents.is_internal = 0
        and {{ is_dirty('periods') }}
),

days as (
    {# each item once for itself, or one that nobody saw would be lost #}
    select
        {{ item | join(', ') }},
        cast(null as integer) as day_number,
        0 as view_count,
        cast(null as numeric) as amount,
        cast(null as numeric) as cost
    from items
    union all
    select
        items.{{ item | join(', items.') }},
        events.event_date - items.published_date as day_number,
        case when events.kind_code = 'view' then 1 else 0 end as view_count,
        case when events.kind_code = 'donate' then events.amount end as amount,
        case when events.kind_code = 'moderate' then events.amount end as cost
    from items
    inner join {{ ref('fct_content_events') }} as events
        on events.source_key = items.source_key
        and events.content_id = items.content_id
        and events.event_date >= items.published_date
        and events.event_date < {{ add_days('items.published_date', followed) }}
    where events.kind_code in ('view', 'donate', 'moderate')
    union all
    select
        items.{{ item | join(', items.') }},
        counted.content_date - items.published_date as day_number,
        coalesce(counted.view_count, 0) as view_count,
        counted.revenue_amount as amount,
        cast(null as numeric) as cost
    from items
    inner join {{ ref('fct_content_days') }} as counted
        on counted.source_key = items.source_key
        and counted.content_id = items.content_id
        and counted.content_date >= items.published_date
        and counted.content_date < {{ add_days('items.published_date', followed) }}
),

cumulated as (
    select
        {{ item | join(', ') }},
        day_number,
        sum(amount) as amount,
        sum(cost) as cost,
        sum(sum(view_count)) over (
            partition by content_key order by day_number rows unbounded preceding
        ) as views_so_far,
        sum(sum(view_count)) over (partition by content_key) as all_views
    from days
    group by {{ item | join(', ') }}, day_number
),

valued as (
    select
        {{ item | join(', ') }},
        coalesce(sum(amount), 0) as amount,
        coalesce(sum(amount), 0) - coalesce(sum(cost), 0) as net_amount,
        {# the first day on which half of the 90 days' views have been #}
        min(case when all_views > 0 and 2 * views_so_far >= all_views then day_number end) as half_life_days,
        count(sum(amount)) over (partition by business_unit_code, period_start) as paid_count,
        count(sum(cost)) over (partition by business_unit_code, period_start) as moderated_count
    from cumulated
    group by {{ item | join(', ') }}
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as item_count,
        sum(amount) as amount,
        sum(net_amount) as net_amount,
        max(paid_count) as paid_count,
        max(moderated_count) as moderated_count,
        {{ residual_squares('amount') }} as amount_squares,
        {{ residual_squares('net_amount') }} as net_squares,
        percentile_cont(0.5) within group (order by half_life_days) as half_life_days,
        count(half_life_days) as seen_count
    from valued
    group by business_unit_code, period_grain_code, period_start
),

creators as (
    select business_unit_code, period_grain_code, period_start, customer_key, sum(amount) as amount, max(paid_count) as paid_count
    from valued
    where customer_key <> 'unknown'
    group by business_unit_code, period_grain_code, period_start, customer_key
),

measured_creators as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as creator_count,
        sum(amount) as amount,
        max(paid_count) as paid_count,
        {{ residual_squares('amount') }} as amount_squares
    from creators
    group by business_unit_code, period_grain_code, period_start
)

{{ variant_row(
    'measured', 'ugc.content_value', 'value_per_item', 'mean', 'amount', 'item_count', 'amount_squares', where='paid_count > 0',
) }}
union all
{{ variant_row(
    'measured', 'ugc.content_value', 'net', 'mean', 'net_amount', 'item_count', 'net_squares',
    where='paid_count > 0 and moderated_count > 0',
) }}
union all
{{ variant_row(
    'measured_creators', 'ugc.content_value', 'value_per_creator', 'mean', 'amount', 'creator_count', 'amount_squares',
    where='paid_count > 0',
) }}
union all
{{ variant_row(
    'measured', 'ugc.content_value', 'half_life_days', 'quantile', value='half_life_days', n='seen_count',
    where='seen_count > 0',
) }}
