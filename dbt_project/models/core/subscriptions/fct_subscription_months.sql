{#
    A month begins and ends with what is in force on the last day before it and of it, by the terms that are known: what
    lies ahead of the days that are known is provisional. Months go on to the last that has begun, and no further than
    the one in which the last payment ends.
#}
{{ config(
    unique_key=['business_unit_code', 'subscriber_key', 'month_start'],
    dirty_key=['business_unit_code', 'subscriber_key'],
    dirty_from={
        'paid_spans': ['business_unit_code', 'subscriber_key'],
        'data_through': "with known as (select now.business_unit_code,"
            ~ " cast(date_trunc('month', now.data_through - 1) as date) as month_start"
            ~ " from core.data_through as now where now.process_code = 'subscriptions' and now.business_unit_code in"
            ~ " (select business_unit_code from {changed} where process_code = 'subscriptions'))"
            ~ " select t.business_unit_code, t.subscriber_key from known inner join {this} as t"
            ~ " on t.business_unit_code = known.business_unit_code and t.is_last_month = 1"
            ~ " where t.month_start > known.month_start"
            ~ " or (t.month_start < known.month_start and t.recurring_amount_end > 0)"
            ~ " union select spans.business_unit_code, spans.subscriber_key from known"
            ~ " cross join lateral (select coalesce(max(t.month_start), date '1900-01-01') as month_start from {this} as t"
            ~ " where t.business_unit_code = known.business_unit_code) as last_built"
            ~ " inner join core.paid_spans as spans on spans.business_unit_code = known.business_unit_code"
            ~ " and spans.from_date >= last_built.month_start",
    },
    change_carries=['customer_key', 'first_paid_date'],
    indexes=[{'columns': ['month_start']}, {'columns': ['customer_key']}],
) }}

{% set at_start = 'spans.from_date < months.month_start and (spans.until_date is null or spans.until_date >= months.month_start)' %}
{% set at_end = 'spans.from_date < months.month_end and (spans.until_date is null or spans.until_date >= months.month_end)' %}

with spans as (
    select * from {{ ref('paid_spans') }} as spans where {{ is_dirty('spans') }}
),

subscribers as (
    select
        business_unit_code,
        subscriber_key,
        max(customer_key) as customer_key,
        max(currency) as currency,
        min(from_date) as first_paid_date,
        max(coalesce(until_date, date '9999-12-31')) as last_until_date
    from spans
    group by business_unit_code, subscriber_key
),

months as (
    select
        subscribers.business_unit_code,
        subscribers.subscriber_key,
        subscribers.customer_key,
        subscribers.currency,
        subscribers.first_paid_date,
        periods.period_start as month_start,
        periods.period_end as month_end
    from subscribers
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = subscribers.business_unit_code
        and known.process_code = 'subscriptions'
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = 'month'
        and periods.period_end > subscribers.first_paid_date
        and periods.period_start <= subscribers.last_until_date
        and periods.period_start < known.data_through
),

measured as (
    select
        months.business_unit_code,
        months.subscriber_key,
        months.month_start,
        max(months.customer_key) as customer_key,
        max(months.currency) as currency,
        max(months.first_paid_date) as first_paid_date,
        sum(case when {{ at_start }} then spans.monthly_amount else 0 end) as recurring_amount_start,
        sum(case when {{ at_end }} then spans.monthly_amount else 0 end) as recurring_amount_end,
        sum(case when {{ at_start }} then spans.quantity else 0 end) as seat_count_start,
        sum(case when {{ at_end }} then spans.quantity else 0 end) as seat_count_end,
        max(case when {{ at_start }} then spans.plan_id end) as plan_id_start,
        max(case when {{ at_end }} then spans.plan_id end) as plan_id_end,
        {# what is paid for a month is earned day by day #}
        sum(
            spans.monthly_amount * greatest(
                0,
                least(coalesce(spans.until_date, months.month_end), months.month_end)
                    - greatest(spans.from_date, months.month_start)
            ) / cast(months.month_end - months.month_start as numeric)
        ) as recognised_amount,
        max(
            case
                when spans.cancelled_date >= months.month_start and spans.cancelled_date < months.month_end
                    then spans.cancelled_date
            end
        ) as cancel_requested_date,
        (
            array_agg(spans.is_involuntary_end order by spans.until_date desc, spans.is_involuntary_end desc)
            filter (where spans.until_date >= months.month_start and spans.until_date < months.month_end)
        )[1] as is_involuntary_end
    from months
    inner join spans
        on spans.business_unit_code = months.business_unit_code
        and spans.subscriber_key = months.subscriber_key
    group by months.business_unit_code, months.subscriber_key, months.month_start
),

moved as (
    select
        measured.*,
        {# whoever paid before and comes back is no new customer, and whoever is new expands nothing: the order counts #}
        case
            when recurring_amount_start = 0 and recurring_amount_end > 0 and first_paid_date >= month_start then 'new'
            when recurring_amount_start = 0 and recurring_amount_end > 0 then 'reactivation'
            when recurring_amount_start > 0 and recurring_amount_end = 0 then 'churn'
            when recurring_amount_end > recurring_amount_start then 'expansion'
            when recurring_amount_end < recurring_amount_start then 'contraction'
            else 'unchanged'
        end as movement_code
    from measured
)

select
    business_unit_code,
    subscriber_key,
    month_start,
    customer_key,
    currency,
    first_paid_date,
    recurring_amount_start,
    recurring_amount_end,
    movement_code,
    abs(recurring_amount_end - recurring_amount_start) as movement_amount,
    case when movement_code = 'churn' then
        case when is_involuntary_end = 1 then 'involuntary' else 'voluntary' end
    end as churn_kind_code,
    case when recurring_amount_start > 0 then 1 else 0 end as is_paying_start,
    case when recurring_amount_end > 0 then 1 else 0 end as is_paying_end,
    seat_count_start,
    seat_count_end,
    plan_id_start,
    plan_id_end,
    case
        when recurring_amount_start > 0 and recurring_amount_end > recurring_amount_start
            and (seat_count_end > seat_count_start or plan_id_end <> plan_id_start) then 1
        else 0
    end as is_upgraded,
    round(recognised_amount, 4) as recognised_amount,
    cancel_requested_date,
    case when lead(month_start) over (
        partition by business_unit_code, subscriber_key order by month_start
    ) is null then 1 else 0 end as is_last_month
from moved
