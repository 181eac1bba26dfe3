{% set days = var('exit_days') %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_bad_experiences': periods_of('occurred_date', ['month']),
        'fct_orders': periods_of('order_date', ['month'], after=days),
        'fct_bookings': periods_of('requested_date', ['month'], after=days),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with reached as (
    {# whoever had so many: what comes after the last of them would be looking into the future #}
    select
        periods.period_grain_code,
        periods.period_start,
        experiences.business_unit_code,
        experiences.customer_key,
        experiences.incident_no,
        experiences.occurred_date
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_bad_experiences') }} as experiences
        on experiences.occurred_date >= periods.period_start
        and experiences.occurred_date < periods.period_end
    inner join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = experiences.business_unit_code
        and units.business_type_code in ('ecommerce', 'marketplace')
    where periods.period_grain_code = 'month'
        and experiences.incident_no <= 3
        and {{ is_dirty('periods') }}
),

came_back as (
    {# an order that was cancelled has been placed all the same #}
    select
        reached.business_unit_code,
        reached.customer_key,
        reached.incident_no
    from reached
    inner join {{ ref('fct_orders') }} as orders
        on orders.customer_key = reached.customer_key
        and orders.business_unit_code = reached.business_unit_code
        and orders.order_date > reached.occurred_date
        and orders.order_date <= {{ add_days('reached.occurred_date', days) }}
    where orders.status_code <> 'credit_note'
    union
    select
        reached.business_unit_code,
        reached.customer_key,
        reached.incident_no
    from reached
    inner join {{ ref('fct_bookings') }} as bookings
        on bookings.customer_key = reached.customer_key
        and bookings.business_unit_code = reached.business_unit_code
        and bookings.requested_date > reached.occurred_date
        and bookings.requested_date <= {{ add_days('reached.occurred_date', days) }}
)

select
    reached.business_unit_code,
    'cx.bad_experience_exit' as metric_code,
    case reached.incident_no when 3 then 'exit_after_3_plus' when 2 then 'exit_after_2' else 'exit_after_1' end
        as variant_code,
    reached.period_grain_code,
    reached.period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'ratio' as value_kind,
    sum(case when came_back.customer_key is null then 1 else 0 end) as numerator,
    count(*) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    count(*) as n,
    count(*) as n_units
from reached
left join came_back
    on came_back.business_unit_code = reached.business_unit_code
    and came_back.customer_key = reached.customer_key
    and came_back.incident_no = reached.incident_no
group by reached.business_unit_code, reached.incident_no, reached.period_grain_code, reached.period_start
