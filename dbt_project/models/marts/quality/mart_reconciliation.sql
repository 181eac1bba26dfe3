{{ config(
    unique_key=['source_key', 'business_unit_code', 'measure_code', 'month_start'],
    dirty_from={
        'fct_control_totals': ['source_key', 'business_unit_code', 'measure_code', 'month_start'],
        'fct_orders': "select distinct totals.source_key, totals.business_unit_code, totals.measure_code, totals.month_start"
            ~ " from {changed} inner join core.fct_control_totals as totals"
            ~ " on totals.source_key = changed_rows.source_key and totals.period_date = changed_rows.order_date",
        'fct_conversations': "select distinct totals.source_key, totals.business_unit_code, totals.measure_code, totals.month_start"
            ~ " from {changed} inner join core.fct_control_totals as totals"
            ~ " on totals.source_key = changed_rows.source_key and totals.period_date = changed_rows.opened_date",
    },
) }}

{# a share of the figure, and what the source may have rounded off each record that it states #}
{% set allowed = 'measures.tolerance * abs(compared.stated_value) + measures.rounding * compared.stated_count' %}
with stated as (
    select
        source_key,
        business_unit_code,
        measure_code,
        month_start,
        period_date,
        sum(total_value) as stated_value,
        count(*) as stated_count
    from {{ ref('fct_control_totals') }} as totals
    where {{ is_dirty('totals') }}
    group by source_key, business_unit_code, measure_code, month_start, period_date
),

days as (
    select distinct source_key, business_unit_code, period_date from stated
),

counted as (
    select
        orders.source_key,
        orders.business_unit_code,
        'order_count' as measure_code,
        orders.order_date as period_date,
        count(*) as counted_value
    from {{ ref('fct_orders') }} as orders
    inner join days
        on days.source_key = orders.source_key
        and days.business_unit_code = orders.business_unit_code
        and days.period_date = orders.order_date
    group by orders.source_key, orders.business_unit_code, orders.order_date
    union all
    select
        orders.source_key,
        orders.business_unit_code,
        'gross_amount' as measure_code,
        orders.order_date as period_date,
        sum(orders.gross_amount) as counted_value
    from {{ ref('fct_orders') }} as orders
    inner join days
        on days.source_key = orders.source_key
        and days.business_unit_code = orders.business_unit_code
        and days.period_date = orders.order_date
    group by orders.source_key, orders.business_unit_code, orders.order_date
    union all
    select
        conversations.source_key,
        conversations.business_unit_code,
        'conversation_count' as measure_code,
        conversations.opened_date as period_date,
        count(*) as counted_value
    from {{ ref('fct_conversations') }} as conversations
    inner join days
        on days.source_key = conversations.source_key
        and days.business_unit_code = conversations.business_unit_code
        and days.period_date = conversations.opened_date
    group by conversations.source_key, conversations.business_unit_code, conversations.opened_date
    union all
    select
        conversations.source_key,
        conversations.business_unit_code,
        'first_response_minutes' as measure_code,
        conversations.opened_date as period_date,
        sum(conversations.first_response_seconds) / 60.0 as counted_value
    from {{ ref('fct_conversations') }} as conversations
    inner join days
        on days.source_key = conversations.source_key
        and days.business_unit_code = conversations.business_unit_code
        and days.period_date = conversations.opened_date
    group by conversations.source_key, conversations.business_unit_code, conversations.opened_date
),

compared as (
    {# only days of which the source states a figure, so that a month that goes on compares like with like #}
    select
        stated.source_key,
        stated.business_unit_code,
        stated.measure_code,
        stated.month_start,
        max(stated.period_date) as stated_through_date,
        count(*) as day_count,
        sum(stated.stated_value) as stated_value,
        sum(stated.stated_count) as stated_count,
        sum(coalesce(counted.counted_value, 0)) as counted_value
    from stated
    left join counted
        on counted.source_key = stated.source_key
        and counted.business_unit_code = stated.business_unit_code
        and counted.measure_code = stated.measure_code
        and counted.period_date = stated.period_date
    group by stated.source_key, stated.business_unit_code, stated.measure_code, stated.month_start
)

select
    compared.source_key,
    compared.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    compared.measure_code,
    measures.name_vi as measure_name_vi,
    measures.name_en as measure_name_en,
    compared.month_start,
    compared.stated_through_date,
    compared.day_count,
    compared.counted_value,
    compared.stated_value,
    compared.counted_value - compared.stated_value as difference,
    {{ allowed }} as allowed_difference,
    case when abs(compared.counted_value - compared.stated_value) <= {{ allowed }} then 1 else 0 end as is_within_tolerance,
    measures.causes_vi,
    measures.causes_en
from compared
inner join {{ ref('control_measures') }} as measures on measures.measure_code = compared.measure_code
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = compared.business_unit_code
