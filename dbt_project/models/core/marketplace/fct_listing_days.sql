{#
    A day ends with what is on offer on it, and begins with what the day before ended with. A month of a listing is
    recomputed when the listing changes, and the months that the known days go through when they go on.
#}
{{ config(
    unique_key=['listing_key', 'snapshot_date'],
    dirty_key=['listing_key', 'month_start'],
    dirty_from={
        'listing_spans': "select t.listing_key, t.month_start from {this} as t inner join {changed}"
            ~ " on t.listing_key = changed_rows.listing_key"
            ~ " union select spans.listing_key, p.period_start from {changed}"
            ~ " inner join core.listing_spans as spans on spans.listing_key = changed_rows.listing_key"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month' and p.period_end > spans.from_date"
            ~ " and p.period_start <= coalesce(spans.until_date, date '9999-12-31')"
            ~ " and p.period_start < (select max(known.data_through) from core.data_through as known)",
        'data_through': "with known as (select distinct changed_rows.business_unit_code, now.data_through,"
            ~ " coalesce((select max(t.snapshot_date) from {this} as t"
            ~ " where t.business_unit_code = changed_rows.business_unit_code), date '1900-01-01') as last_date"
            ~ " from {changed} left join core.data_through as now"
            ~ " on now.business_unit_code = changed_rows.business_unit_code and now.process_code = 'bookings'"
            ~ " where changed_rows.process_code = 'bookings')"
            ~ " select t.listing_key, t.month_start from known inner join {this} as t"
            ~ " on t.business_unit_code = known.business_unit_code"
            ~ " and t.snapshot_date >= coalesce(known.data_through, date '1900-01-01')"
            ~ " union select spans.listing_key, p.period_start from known"
            ~ " inner join core.listing_spans as spans on spans.business_unit_code = known.business_unit_code"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month' and p.period_end > spans.from_date"
            ~ " and p.period_start <= coalesce(spans.until_date, date '9999-12-31')"
            ~ " and p.period_end > known.last_date and p.period_start < known.data_through",
        'dim_business_unit': "select t.listing_key, t.month_start from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code"
            ~ " union select spans.listing_key, p.period_start from {changed}"
            ~ " inner join core.listing_spans as spans on spans.business_unit_code = changed_rows.business_unit_code"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month' and p.period_end > spans.from_date"
            ~ " and p.period_start <= coalesce(spans.until_date, date '9999-12-31')"
            ~ " and p.period_start < (select max(known.data_through) from core.data_through as known)",
    },
    change_carries=['business_unit_code', 'customer_key'],
    indexes=[{'columns': ['snapshot_date']}, {'columns': ['business_unit_code', 'snapshot_date']}, {'columns': ['customer_key']}],
) }}

with months as (
    select
        spans.*,
        periods.period_start as month_start,
        least(periods.period_end, known.data_through) as day_after
    from {{ ref('listing_spans') }} as spans
    {{ join_unit_of_type('spans', 'marketplace') }}
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = spans.business_unit_code
        and known.process_code = 'bookings'
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = 'month'
        and periods.period_end > spans.from_date
        {# what ends with a month is told on the first day of the next one #}
        and periods.period_start <= coalesce(spans.until_date, date '9999-12-31')
        and periods.period_start < known.data_through
    where spans.is_internal = 0 and spans.from_date < known.data_through
),

states as (
    {# how each day ends, the one before the month included #}
    select
        months.*,
        days.calendar_date
    from months
    inner join {{ ref('dim_date') }} as days
        on days.calendar_date >= greatest(months.from_date, {{ add_days('months.month_start', -1) }})
        and days.calendar_date < least(months.day_after, coalesce(months.until_date, date '9999-12-31'))
    where {{ is_dirty('months') }}
),

sides as (
    select states.*, calendar_date as snapshot_date, 1 as is_end from states where calendar_date >= month_start
    union all
    select states.*, {{ add_days('calendar_date', 1) }} as snapshot_date, 0 as is_end
    from states
    where {{ add_days('calendar_date', 1) }} < day_after and {{ add_days('calendar_date', 1) }} >= month_start
),

days as (
    select
        listing_key,
        month_start,
        snapshot_date,
        max(source_key) as source_key,
        max(listing_id) as listing_id,
        max(business_unit_code) as business_unit_code,
        max(customer_key) as customer_key,
        max(first_live_date) as first_live_date,
        max(is_live * (1 - is_end)) as is_live_start,
        max(is_live * is_end) as is_live_end,
        max(case when is_end = 1 then state_code end) as state_code,
        {%- for column in ['category_name', 'price', 'suggested_price', 'quantity', 'currency'] %}
        coalesce(
            max(case when is_end = 1 and is_live = 1 then {{ column }} end), max(case when is_end = 0 then {{ column }} end)
        ) as {{ column }},
        {%- endfor %}
        max(case when is_end = 0 and is_live = 1 then price end) as price_before
    from sides
    group by listing_key, month_start, snapshot_date
)

select
    listing_key,
    snapshot_date,
    month_start,
    source_key,
    listing_id,
    business_unit_code,
    customer_key,
    category_name,
    first_live_date,
    is_live_start,
    is_live_end,
    case
        when is_live_start = 1 and is_live_end = 1 then 'stayed'
        when is_live_end = 1 and first_live_date = snapshot_date then 'new'
        when is_live_end = 1 then 'relisted'
        when state_code = 'sold_out' then 'sold_out'
        else 'removed'
    end as movement_code,
    price,
    price_before,
    suggested_price,
    quantity,
    currency
from days
where is_live_start = 1 or is_live_end = 1
