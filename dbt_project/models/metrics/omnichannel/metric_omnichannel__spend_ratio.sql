{# who is new moves only where a customer's first day does; the day of an order itself is in the activity #}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'activity': periods_of('activity_date', ['month', 'quarter']),
        'purchases': periods_of('a.activity_date', ['month', 'quarter'], of=
            "(select customer_key, business_unit_code from {changed}"
            ~ " group by 1, 2 having count(distinct first_order_date) > 1) as b"
            ~ " inner join core.activity as a on a.customer_key = b.customer_key"
            ~ " and a.business_unit_code = b.business_unit_code"),
    },
) }}

with days as (
    select
        periods.period_grain_code,
        periods.period_start,
        activity.business_unit_code,
        activity.customer_key,
        activity.order_count,
        activity.gross_amount - activity.discount_amount - activity.refund_amount_by_order_date as net_amount,
        case when purchases.first_order_date < periods.period_start then 1 else 0 end as is_existing_customer,
        {# the orders of the first day are one customer's first #}
        case when purchases.first_order_date < activity.activity_date then 1 else 0 end as is_existing_order
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('activity') }} as activity
        on activity.activity_date >= periods.period_start
        and activity.activity_date < periods.period_end
    inner join {{ ref('purchases') }} as purchases
        on purchases.customer_key = activity.customer_key
        and purchases.business_unit_code = activity.business_unit_code
    where periods.period_grain_code in ('month', 'quarter')
        and activity.order_count > 0
        and {{ is_dirty('periods') }}
),

customers as (
    select
        period_grain_code,
        period_start,
        business_unit_code,
        customer_key,
        is_existing_customer,
        sum(net_amount) as net_amount
    from days
    group by period_grain_code, period_start, business_unit_code, customer_key, is_existing_customer
),

{# a ratio of two groups knows as much as the smaller one does #}
variants as (
    select
        'per_customer' as variant_code,
        business_unit_code,
        period_grain_code,
        period_start,
        avg(case when is_existing_customer = 1 then net_amount end) as existing_amount,
        avg(case when is_existing_customer = 0 then net_amount end) as new_amount,
        least(sum(is_existing_customer), sum(1 - is_existing_customer)) as n,
        least(sum(is_existing_customer), sum(1 - is_existing_customer)) as n_units
    from customers
    group by business_unit_code, period_grain_code, period_start
    union all
    select
        'median' as variant_code,
        business_unit_code,
        period_grain_code,
        period_start,
        cast(percentile_cont(0.5) within group (order by case when is_existing_customer = 1 then net_amount end) as numeric)
            as existing_amount,
        cast(percentile_cont(0.5) within group (order by case when is_existing_customer = 0 then net_amount end) as numeric)
            as new_amount,
        least(sum(is_existing_customer), sum(1 - is_existing_customer)) as n,
        least(sum(is_existing_customer), sum(1 - is_existing_customer)) as n_units
    from customers
    group by business_unit_code, period_grain_code, period_start
    union all
    select
        'per_order' as variant_code,
        business_unit_code,
        period_grain_code,
        period_start,
        {{ ratio('sum(is_existing_order * net_amount)', 'sum(is_existing_order * order_count)') }} as existing_amount,
        {{ ratio('sum((1 - is_existing_order) * net_amount)', 'sum((1 - is_existing_order) * order_count)') }} as new_amount,
        cast(least(sum(is_existing_order * order_count), sum((1 - is_existing_order) * order_count)) as bigint) as n,
        least(
            count(distinct case when is_existing_order = 1 then customer_key end),
            count(distinct case when is_existing_order = 0 then customer_key end)
        ) as n_units
    from days
    group by business_unit_code, period_grain_code, period_start
)

select
    business_unit_code,
    'omnichannel.spend_ratio' as metric_code,
    variant_code as variant_code,
    period_grain_code,
    period_start,
    'all' as segment_type_code,
    'all' as segment_code,
    'mean' as value_kind,
    round(existing_amount, 4) as numerator,
    round(new_amount, 4) as denominator,
    cast(null as numeric) as residual_squares,
    cast(null as numeric) as value,
    n,
    n_units
from variants
{# where a group is empty, or returned all that it bought, nothing is compared #}
where round(existing_amount, 4) > 0 and round(new_amount, 4) > 0
