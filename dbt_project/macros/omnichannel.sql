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
            {# the window of a month that has not begun holds days of this one #}
            and exists (
                select 1
                from {{ ref('fct_interactions') }} as begun
                where begun.occurred_date >= periods.period_start and begun.occurred_date < periods.period_end
            )
            and touches.direction_code = 'in'
            and touches.customer_key <> 'unknown'
            and touches.channel_code <> 'unknown'
            and touches.is_internal = 0
            and {{ is_dirty('periods') }}
    ),

    numbered as (
        {# windows and no join: of a few dirty months a planner expects one row, and would join row by row #}
        select
            touched.*,
            dense_rank() over (
                partition by period_grain_code, period_start, customer_key order by channel_code
            ) as channel_number
        from touched
    ),

    counted as (
        select
            numbered.*,
            max(channel_number) over (partition by period_grain_code, period_start, customer_key) as company_count
        from numbered
    ),

    members as (
        select
            period_grain_code,
            period_start,
            business_unit_code,
            customer_key,
            max(company_count) as company_count,
            count(*) as unit_count
        from counted
        group by period_grain_code, period_start, business_unit_code, customer_key
    ),

    used as (
        {# of whoever was in touch with a unit, the channels of the whole company count #}
        select
            'company' as variant_code, business_unit_code, period_grain_code, period_start, customer_key,
            company_count as channel_count
        from members
        union all
        select
            'unit' as variant_code, business_unit_code, period_grain_code, period_start, customer_key,
            unit_count as channel_count
        from members
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
