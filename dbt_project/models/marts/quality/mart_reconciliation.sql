{#
    Per measure: whose records it counts, those of the source that states it or all of the unit (where an
    observer states it, who keeps no record of ours); the fact, and the date there of which a total is;
    what is counted, and of which rows. A rate is of so many days, which end with the one that it is stated of.
#}
{% set on_the_web = "facts.platform_code = 'web' and facts.is_bot = 0" %}
{% set bought_there = on_the_web ~ " and facts.event_name = 'Order Completed'" %}
{% set measures = [
    ('order_count', 'source', 'fct_orders', 'order_date', 'count(*)', 'true', 1),
    ('gross_amount', 'source', 'fct_orders', 'order_date', 'sum(facts.gross_amount)', 'true', 1),
    ('conversation_count', 'source', 'fct_conversations', 'opened_date', 'count(*)', 'true', 1),
    (
        'first_response_minutes', 'source', 'fct_conversations', 'opened_date',
        'sum(facts.first_response_seconds) / 60.0', 'true', 1,
    ),
    ('answer_count', 'source', 'fct_feedback', 'answered_date', 'count(*)', 'true', 1),
    (
        'survey_count', 'source', 'fct_message_events', 'event_date', 'count(*)',
        "facts.kind_code = 'sent' and facts.campaign_key in (select campaign_key from "
            ~ ref('dim_campaign') ~ " where kind_code = 'survey')", 1,
    ),
    ('web_session_count', 'unit', 'fct_events', 'event_date', 'count(distinct facts.session_id)', on_the_web, 1),
    ('web_purchase_count', 'unit', 'fct_events', 'event_date', 'count(distinct facts.order_id)', bought_there, 1),
    ('web_purchase_amount', 'unit', 'fct_events', 'event_date', 'sum(facts.amount)', bought_there, 1),
    (
        'cancelled_share_30d', 'source', 'fct_orders', 'order_date',
        "100.0 * count(case when facts.status_code = 'cancelled' then 1 end) / count(*)", 'true', 30,
    ),
    (
        'refunded_share_30d', 'source', 'fct_orders', 'order_date',
        '100.0 * count(case when facts.refund_amount > 0 then 1 end) / count(*)', 'true', 30,
    ),
    (
        'good_review_share_90d', 'source', 'fct_feedback', 'answered_date',
        '100.0 * count(case when facts.score >= 4 then 1 end) / count(*)',
        "facts.kind_code = 'review' and facts.scale_code = 'one_to_five'", 90,
    ),
] %}
{% set dirty_from = {'fct_control_totals': ['source_key', 'business_unit_code', 'measure_code', 'month_start']} %}
{% for fact in measures | map(attribute=2) | unique %}
{% set of_fact = measures | selectattr(2, 'equalto', fact) | list %}
{# a fact is counted by source or by unit, never by both #}
{% set own_key = 'source_key' if of_fact[0][1] == 'source' else 'business_unit_code' %}
{% set touched = [] %}
{% for measure in of_fact %}
{% do touched.append(
    "totals.measure_code = '" ~ measure[0] ~ "' and "
        ~ is_of_days('totals.period_date', 'changed_rows.' ~ measure[3], measure[6])
) %}
{% endfor %}
{% do dirty_from.update({
    fact: "select distinct totals.source_key, totals.business_unit_code, totals.measure_code, totals.month_start"
        ~ " from {changed} inner join core.fct_control_totals as totals"
        ~ " on totals." ~ own_key ~ " = changed_rows." ~ own_key ~ " and (" ~ touched | join(' or ') ~ ")"
}) %}
{% endfor %}
{{ config(
    unique_key=['source_key', 'business_unit_code', 'measure_code', 'month_start'],
    dirty_from=dirty_from,
) }}

{% set is_rate %}stated.measure_code in ('{{ measures | selectattr(6, 'gt', 1) | map('first') | join("', '") }}'){% endset %}
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

counted as (
    {% for measure_code, whose, fact, date, value, condition, days in measures %}
    {{ 'union all' if not loop.first }}
    select
        stated.source_key,
        stated.business_unit_code,
        '{{ measure_code }}' as measure_code,
        stated.period_date,
        {{ value }} as counted_value
    from {{ ref(fact) }} as facts
    inner join stated
        on stated.business_unit_code = facts.business_unit_code
        {{ 'and stated.source_key = facts.source_key' if whose == 'source' }}
        and stated.measure_code = '{{ measure_code }}'
        and {{ is_of_days('stated.period_date', 'facts.' ~ date, days) }}
    where {{ condition }}
    group by stated.source_key, stated.business_unit_code, stated.period_date
    {% endfor %}
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
        {# rates do not add up: of a month, their mean #}
        case when {{ is_rate }} then round(avg(stated.stated_value), 4) else sum(stated.stated_value) end
            as stated_value,
        case when {{ is_rate }} then 1 else sum(stated.stated_count) end as stated_count,
        case
            when {{ is_rate }} then round(avg(counted.counted_value), 4)
            else sum(coalesce(counted.counted_value, 0))
        end as counted_value
    from stated
    left join counted
        on counted.source_key = stated.source_key
        and counted.business_unit_code = stated.business_unit_code
        and counted.measure_code = stated.measure_code
        and counted.period_date = stated.period_date
    {# a rate of nothing is none: where we have no record of those days, there is nothing to compare #}
    where counted.counted_value is not null or not {{ is_rate }}
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
    round({{ allowed }}, 4) as allowed_difference,
    case when abs(compared.counted_value - compared.stated_value) <= {{ allowed }} then 1 else 0 end as is_within_tolerance,
    {# a rate counts by the source's own rules, which its records do not show #}
    {% set observed = measures | selectattr(1, 'equalto', 'unit') | list + measures | selectattr(6, 'gt', 1) | list %}
    case when compared.measure_code in ('{{ observed | map('first') | join("', '") }}') then 0 else 1 end as is_own_figure,
    measures.unit_code,
    measures.causes_vi,
    measures.causes_en
from compared
inner join {{ ref('control_measures') }} as measures on measures.measure_code = compared.measure_code
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = compared.business_unit_code
