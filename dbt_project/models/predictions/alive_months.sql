{#
    Everybody who ever bought is asked once a month begins and again when it ends: of a month that is over nothing is
    read again, until an older purchase arrives or a model is fitted anew.
#}
{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from={
        'purchase_days': months_of_purchases('purchase_date', 'p.period_end > changed_rows.purchase_date'),
        'model_fits': "select l.business_unit_code, p.period_start as month_start"
            ~ " from (select business_unit_code, min(purchase_date) as first_date, max(purchase_date) as last_date"
            ~ " from core.purchase_days group by business_unit_code) as l"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and p.period_end > l.first_date and p.period_start <= l.last_date"
            ~ " where l.business_unit_code in (select business_unit_code from {changed})"
            ~ " union select t.business_unit_code, t.month_start from {this} as t"
            ~ " where t.business_unit_code in (select business_unit_code from {changed})",
    },
) }}

with known as (
    select business_unit_code, min(purchase_date) as first_date, max(purchase_date) as last_date
    from {{ ref('purchase_days') }}
    group by business_unit_code
),

moments as (
    select
        known.business_unit_code,
        periods.period_start as month_start,
        periods.period_end as month_end
    from {{ ref('dim_period') }} as periods
    cross join known
    where periods.period_grain_code = 'month'
        and periods.period_end > known.first_date
        and periods.period_start <= known.last_date
),

customers as (
    select
        moments.business_unit_code,
        moments.month_start,
        moments.month_end,
        days.customer_key,
        min(days.purchase_date) as first_date,
        max(case when days.purchase_date < moments.month_start then days.purchase_date end) as last_before,
        max(days.purchase_date) as last_within,
        count(case when days.purchase_date < moments.month_start then 1 end) as count_before,
        count(*) as count_within
    from moments
    inner join {{ ref('purchase_days') }} as days
        on days.business_unit_code = moments.business_unit_code
        and days.purchase_date < moments.month_end
    where {{ is_dirty('moments') }}
    group by moments.business_unit_code, moments.month_start, moments.month_end, days.customer_key
),

aged as (
    {# who had bought before the month, as they stood when it began and when it ended #}
    select
        business_unit_code, month_start, customer_key, 'start' as moment_code,
        count_before - 1 as repeat_count,
        last_before - first_date as recency_days,
        month_start - first_date as age_days
    from customers
    where first_date < month_start
    union all
    select
        business_unit_code, month_start, customer_key, 'end' as moment_code,
        count_within - 1 as repeat_count,
        last_within - first_date as recency_days,
        month_end - first_date as age_days
    from customers
    where first_date < month_start
),

judged as (
    select
        aged.business_unit_code,
        aged.month_start,
        aged.customer_key,
        aged.moment_code,
        case
            when {{ probability_of_staying('staying', 'staying.b + aged.repeat_count') }} < {{ var('alive_from') }} then 0
            else 1
        end as is_alive
    from aged
    inner join {{ source('predictions', 'model_fits') }} as staying
        on staying.business_unit_code = aged.business_unit_code
        and staying.model_code = 'mbg_nbd'
        and staying.is_in_force = 1
),

persons as (
    select
        business_unit_code,
        month_start,
        customer_key,
        max(case when moment_code = 'start' then is_alive end) as was_alive,
        max(case when moment_code = 'end' then is_alive end) as is_alive
    from judged
    group by business_unit_code, month_start, customer_key
)

select
    business_unit_code,
    month_start,
    sum(was_alive) as alive_count,
    sum(was_alive * (1 - is_alive)) as lapsed_count
from persons
group by business_unit_code, month_start
