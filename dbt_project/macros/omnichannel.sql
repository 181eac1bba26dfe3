{#
    How many channels each customer who was in touch within the 90 days before the end of a month used: with the
    whole company, and with the unit. A contact whose channel nobody knows says nothing of either.
#}
{% macro channels_used() %}
    touched as (
        select distinct
            periods.period_grain_code,
            periods.period_start,
            touches.business_unit_code,
            touches.customer_key,
            touches.channel_code
        from {{ ref('dim_period') }} as periods
        inner join {{ ref('fct_interactions') }} as touches
            on touches.occurred_date >= {{ add_days('periods.period_end', -90) }}
            and touches.occurred_date < periods.period_end
        where periods.period_grain_code = 'month'
            and touches.direction_code = 'in'
            and touches.customer_key <> 'unknown'
            and touches.channel_code <> 'unknown'
            and touches.is_internal = 0
            and {{ is_dirty('periods') }}
    ),

    used as (
        {# of whoever was in touch with a unit, the channels of the whole company count #}
        select
            'company' as variant_code,
            members.period_grain_code,
            members.period_start,
            members.business_unit_code,
            members.customer_key,
            count(distinct touched.channel_code) as channel_count
        from (
            select distinct period_grain_code, period_start, business_unit_code, customer_key from touched
        ) as members
        inner join touched
            on touched.period_grain_code = members.period_grain_code
            and touched.period_start = members.period_start
            and touched.customer_key = members.customer_key
        group by members.period_grain_code, members.period_start, members.business_unit_code, members.customer_key
        union all
        select
            'unit' as variant_code,
            period_grain_code,
            period_start,
            business_unit_code,
            customer_key,
            count(*) as channel_count
        from touched
        group by period_grain_code, period_start, business_unit_code, customer_key
    )
{% endmacro %}

{# The months that a contact is seen from, and those in which a journey that changed ended. #}
{% macro months_of_contacts() -%}
    {{ return(
        "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
        ~ " on p.period_grain_code = 'month' and changed_rows.occurred_date >= p.period_end - 90"
        ~ " and changed_rows.occurred_date < p.period_end"
    ) }}
{%- endmacro %}

{% macro months_of_journeys() -%}
    {{ return(
        "select p.period_grain_code, p.period_start from {changed} inner join core.dim_period as p"
        ~ " on p.period_grain_code = 'month' and changed_rows.ended_date >= p.period_start"
        ~ " and changed_rows.ended_date < p.period_end"
    ) }}
{%- endmacro %}

{# Journeys by the month in which they ended; one that goes on has no month yet. #}
{% macro ended_journeys() %}
    select
        periods.period_grain_code,
        periods.period_start,
        journeys.business_unit_code,
        journeys.customer_key,
        journeys.channel_count,
        journeys.channel_switch_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_journeys') }} as journeys
        on journeys.ended_date >= periods.period_start
        and journeys.ended_date < periods.period_end
    where periods.period_grain_code = 'month' and journeys.is_open = 0 and {{ is_dirty('periods') }}
{% endmacro %}
