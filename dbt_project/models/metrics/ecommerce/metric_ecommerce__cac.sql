{% set grains = ['month', 'quarter'] %}
{% set keys = ['business_unit_code', 'period_grain_code', 'period_start'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_spend_days': periods_of('spend_date', grains),
        'acquisitions': periods_of('first_order_date', grains),
        'activity': periods_of('q.first_order_date', grains, of="{changed} inner join core.acquisitions as q"
            ~ " on q.customer_key = changed_rows.customer_key and q.business_unit_code = changed_rows.business_unit_code"
            ~ " and changed_rows.activity_date between q.first_order_date and q.first_order_date + 90"),
        'dim_business_unit': all_periods(grains),
    },
) }}

with costs as (
    select
        periods.period_grain_code,
        periods.period_start,
        spend.business_unit_code,
        spend.channel_code,
        spend.cost_kind_code,
        spend.amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_spend_days') }} as spend
        on spend.spend_date >= periods.period_start
        and spend.spend_date < periods.period_end
    {{ join_unit_of_type('spend', 'ecommerce') }}
    where spend.purpose_code = 'acquisition'
        and periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
),

customers as (
    select
        periods.period_grain_code,
        periods.period_start,
        acquisitions.business_unit_code,
        acquisitions.customer_key,
        acquisitions.first_order_date,
        acquisitions.is_paid,
        acquisitions.paid_channel_code
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('acquisitions') }} as acquisitions
        on acquisitions.first_order_date >= periods.period_start
        and acquisitions.first_order_date < periods.period_end
    {{ join_unit_of_type('acquisitions', 'ecommerce') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and {{ is_dirty('periods') }}
),

bought as (
    {# discounts of the first order are taken off here, and so are no cost of acquisition #}
    select
        customers.period_grain_code,
        customers.period_start,
        customers.business_unit_code,
        sum(activity.gross_amount - activity.discount_amount - activity.refund_amount_by_order_date) as net_amount
    from customers
    inner join {{ ref('activity') }} as activity
        on activity.customer_key = customers.customer_key
        and activity.business_unit_code = customers.business_unit_code
        and activity.activity_date >= customers.first_order_date
        and activity.activity_date < {{ add_days('customers.first_order_date', 90) }}
        and activity.order_count > 0
    group by customers.period_grain_code, customers.period_start, customers.business_unit_code
),

parts as (
    select 'paid' as variant_code, {{ keys | join(', ') }}, channel_code, amount, 0 as customer_count
    from costs
    where cost_kind_code = 'media'
    union all
    select 'paid' as variant_code, {{ keys | join(', ') }}, paid_channel_code as channel_code, 0 as amount, 1 as customer_count
    from customers
    where is_paid = 1
    union all
    select 'blended' as variant_code, {{ keys | join(', ') }}, 'all' as channel_code, amount, 0 as customer_count
    from costs
    union all
    select 'blended' as variant_code, {{ keys | join(', ') }}, 'all' as channel_code, 0 as amount, 1 as customer_count
    from customers
),

sums as (
    select
        variant_code,
        {{ keys | join(', ') }},
        {{ segment_by({'channel_code': 'channel'}) }},
        sum(amount) as amount,
        sum(customer_count) as customer_count
    from parts
    group by {{ segment_sets({'channel_code': 'channel'}, ['variant_code'] + keys) }}
)

select
    business_unit_code,
    'ecommerce.cac' as metric_code,
    variant_code,
    period_grain_code,
    period_start,
    segment_type_code,
    segment_code,
    'mean' as value_kind,
    amount as numerator,
    customer_count as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    customer_count as n,
    customer_count as n_units
from sums
where variant_code = 'paid' or segment_type_code = 'all'
union all
{# cost per customer over a third of the margin that a customer leaves in three months, multiplied out #}
select
    sums.business_unit_code,
    'ecommerce.cac' as metric_code,
    'payback_months' as variant_code,
    sums.period_grain_code,
    sums.period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'mean' as value_kind,
    3 * sums.amount as numerator,
    round(margins.margin_share * bought.net_amount, 4) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    sums.customer_count as n,
    sums.customer_count as n_units
from sums
left join bought
    on bought.business_unit_code = sums.business_unit_code
    and bought.period_grain_code = sums.period_grain_code
    and bought.period_start = sums.period_start
left join ({{ stated_margins() }}) as margins on margins.business_unit_code = sums.business_unit_code
where sums.variant_code = 'blended' and sums.segment_type_code = 'all'
