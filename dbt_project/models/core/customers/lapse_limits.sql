{#
    A limit is a pure function of the two years before its month: a model that is refitted on a schedule of its own
    would judge the same month anew with each fit. A month has its limits once something was bought in it.
#}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'category_name'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'product_purchases': months_of_purchases(
            'order_date', 'p.period_start > changed_rows.order_date and p.period_start <= changed_rows.order_date + 730'
        ),
        'purchase_days': months_of_purchases(
            'purchase_date', 'p.period_start > changed_rows.purchase_date and p.period_start <= changed_rows.purchase_date + 730'
        ),
    },
) }}

with known as (
    select business_unit_code, min(purchase_date) as first_date, max(purchase_date) as last_date
    from {{ ref('purchase_days') }}
    group by business_unit_code
),

months as (
    select known.business_unit_code, periods.period_start as month_start
    from {{ ref('dim_period') }} as periods
    cross join known
    where periods.period_grain_code = 'month'
        and periods.period_start > known.first_date
        and periods.period_start <= known.last_date
),

bought as (
    {# what was bought on a day, and `all` for the whole unit #}
    select distinct
        months.month_start,
        days.business_unit_code,
        days.customer_key,
        left(coalesce(nullif(days.category_name, 'all'), 'unknown'), 64) as category_name,
        days.order_date as purchase_date
    from months
    inner join {{ ref('product_purchases') }} as days
        on days.business_unit_code = months.business_unit_code
        and days.order_date >= {{ add_days('months.month_start', -730) }}
        and days.order_date < months.month_start
    where days.customer_key <> 'unknown' and {{ is_dirty('months') }}
    union all
    select
        months.month_start,
        days.business_unit_code,
        days.customer_key,
        'all' as category_name,
        days.purchase_date
    from months
    inner join {{ ref('purchase_days') }} as days
        on days.business_unit_code = months.business_unit_code
        and days.purchase_date >= {{ add_days('months.month_start', -730) }}
        and days.purchase_date < months.month_start
    where {{ is_dirty('months') }}
),

gaps as (
    select
        month_start,
        business_unit_code,
        category_name,
        purchase_date,
        purchase_date - lag(purchase_date) over (
            partition by month_start, business_unit_code, category_name, customer_key order by purchase_date
        ) as gap_days
    from bought
)

select
    business_unit_code,
    month_start,
    category_name,
    least(greatest(
        {# a percentile is a float, and what is 121 may be a hair above it #}
        cast(ceil(cast(percentile_cont(0.9) within group (order by gap_days) as numeric)) as integer),
        {{ var('lapse_least_days') }}
    ), {{ var('lapse_most_days') }}) as limit_days,
    count(*) as gap_count
from gaps
{# gaps that were closed in the year before: how people buy now #}
where gap_days is not null and purchase_date >= {{ add_days('month_start', -365) }}
group by business_unit_code, month_start, category_name
