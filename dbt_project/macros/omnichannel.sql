{#
    How many channels each customer who was in touch within the 90 days before the end of a month used: with the
    whole company, and with the unit.
#}
{% macro channels_used() %}
    months as {{ computed_once() }} (
        select periods.period_grain_code, periods.period_start
        from {{ ref('dim_period') }} as periods
        where periods.period_grain_code = 'month'
            {# the window of a month that has not begun holds days of this one #}
            and exists (
                select 1
                from {{ ref('fct_interactions') }} as begun
                where begun.occurred_date >= periods.period_start and begun.occurred_date < periods.period_end
            )
            and {{ is_dirty('periods') }}
    ),

    members as (
        select
            months.period_grain_code,
            months.period_start,
            channel_months.business_unit_code,
            channel_months.customer_key,
            channel_months.company_channel_count,
            channel_months.unit_channel_count
        from months
        inner join {{ ref('channel_months') }} as channel_months on channel_months.month_start = months.period_start
    ),

    used as (
        {# of whoever was in touch with a unit, the channels of the whole company count #}
        select
            'company' as variant_code, business_unit_code, period_grain_code, period_start, customer_key,
            company_channel_count as channel_count
        from members
        union all
        select
            'unit' as variant_code, business_unit_code, period_grain_code, period_start, customer_key,
            unit_channel_count as channel_count
        from members
    )
{% endmacro %}

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
