{{ config(
    unique_key=['business_unit_code', 'month_start', 'step_number'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'fct_sessions': "select business_unit_code, cast(date_trunc('month', session_date) as date) as month_start"
            ~ " from {changed}",
        'bridge_session_order': "select t.business_unit_code, t.month_start from {this} as t inner join {changed}"
            ~ " on t.month_start = cast(date_trunc('month', changed_rows.session_date) as date)",
        'dim_business_unit': "select b.business_unit_code, p.period_start as month_start from {changed}"
            ~ " inner join core.dim_business_unit as b on b.business_unit_code = changed_rows.business_unit_code"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " union select t.business_unit_code, t.month_start from {this} as t"
            ~ " where t.business_unit_code in (select business_unit_code from {changed})",
    },
) }}

{% set steps = ['visit', 'product_view', 'cart', 'checkout', 'order'] %}

with months as (
    select
        units.business_unit_code,
        units.name_vi,
        units.name_en,
        periods.period_start as month_start,
        periods.period_end as month_end
    from {{ ref('dim_business_unit') }} as units
    cross join {{ ref('dim_period') }} as periods
    where units.business_type_code = 'ecommerce'
        and periods.period_grain_code = 'month'
),

sessions as (
    {# whoever came to a step has passed those before it, also where they left no trace: a basket kept from yesterday #}
    select
        months.business_unit_code,
        months.month_start,
        case
            when exists (
                select 1
                from {{ ref('bridge_session_order') }} as bridge
                where bridge.session_key = sessions.session_key
            ) then 5
            when sessions.checkout_count > 0 then 4
            when sessions.cart_addition_count > 0 then 3
            when sessions.product_view_count > 0 then 2
            else 1
        end as last_step
    from months
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.business_unit_code = months.business_unit_code
        and sessions.session_date >= months.month_start
        and sessions.session_date < months.month_end
    where sessions.is_counted = 1 and {{ is_dirty('months') }}
),

counted as (
    select
        business_unit_code,
        month_start
        {%- for step in steps %},
        sum(case when last_step >= {{ loop.index }} then 1 else 0 end) as {{ step }}_count
        {%- endfor %}
    from sessions
    group by business_unit_code, month_start
),

passed as (
    {%- for step in steps %}
    {{ 'union all' if not loop.first }}
    select
        business_unit_code,
        month_start,
        {{ loop.index }} as step_number,
        '{{ step }}' as step_code,
        {{ step }}_count as entered_count,
        {{ loop.nextitem ~ '_count' if not loop.last else 'cast(null as bigint)' }} as passed_count
    from counted
    {%- endfor %}
)

select
    passed.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    passed.month_start,
    passed.step_number,
    passed.step_code,
    labels.name_vi as step_name_vi,
    labels.name_en as step_name_en,
    passed.entered_count,
    passed.passed_count,
    round({{ ratio('passed.passed_count', 'passed.entered_count') }}, 6) as passed_share
from passed
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = passed.business_unit_code
left join {{ ref('labels') }} as labels on labels.kind = 'funnel_step' and labels.code = passed.step_code
