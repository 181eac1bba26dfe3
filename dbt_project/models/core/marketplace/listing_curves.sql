{#
    How long it takes until a listing is sold for the first time. Whatever is not sold yet counts for as long as it is
    known; what is taken off stays at risk. Nothing is followed for longer than a year.
#}
{% set followed = 365 %}
{{ config(
    unique_key=['business_unit_code', 'curve_code', 'cohort_grain_code', 'cohort_start', 'day_number'],
    dirty_key=['business_unit_code', 'cohort_grain_code', 'cohort_start'],
    dirty_from={
        'listing_spans': "select business_unit_code, 'month' as cohort_grain_code,"
            ~ " cast(date_trunc('month', first_live_date) as date) as cohort_start from {changed}",
        'fct_bookings': "select spans.business_unit_code, 'month' as cohort_grain_code,"
            ~ " cast(date_trunc('month', spans.first_live_date) as date) as cohort_start from {changed}"
            ~ " inner join core.listing_spans as spans on spans.listing_key = changed_rows.listing_key",
        'data_through': "select changed_rows.business_unit_code, p.period_grain_code as cohort_grain_code,"
            ~ " p.period_start as cohort_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'month' and p.period_end + " ~ followed ~ " >= changed_rows.data_through - 1"
            ~ " and p.period_start <= (select max(known.data_through) from core.data_through as known)"
            ~ " where changed_rows.process_code = 'bookings'",
        'dim_business_unit': "select t.business_unit_code, t.cohort_grain_code, t.cohort_start from {this} as t"
            ~ " inner join {changed} on t.business_unit_code = changed_rows.business_unit_code"
            ~ " union select spans.business_unit_code, 'month',"
            ~ " cast(date_trunc('month', spans.first_live_date) as date) from {changed}"
            ~ " inner join core.listing_spans as spans on spans.business_unit_code = changed_rows.business_unit_code",
    },
) }}

with listings as (
    select distinct
        spans.listing_key,
        spans.business_unit_code,
        'month' as cohort_grain_code,
        cast(date_trunc('month', spans.first_live_date) as date) as cohort_start,
        spans.first_live_date,
        known.data_through - 1 - spans.first_live_date as last_day
    from {{ ref('listing_spans') }} as spans
    {{ join_unit_of_type('spans', 'marketplace') }}
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = spans.business_unit_code
        and known.process_code = 'bookings'
        and known.data_through > spans.first_live_date
    where spans.is_internal = 0 and spans.first_live_date is not null
),

sales as (
    select
        listings.business_unit_code,
        listings.cohort_grain_code,
        listings.cohort_start,
        listings.listing_key,
        listings.last_day,
        {# a booking of before the first day on offer is one of that day #}
        greatest(min(bookings.requested_date) - listings.first_live_date, 0) as sale_day
    from listings
    left join {{ ref('fct_bookings') }} as bookings
        on bookings.listing_key = listings.listing_key and bookings.is_counted = 1
    where {{ is_dirty('listings') }}
    group by
        listings.business_unit_code, listings.cohort_grain_code, listings.cohort_start, listings.listing_key,
        listings.last_day, listings.first_live_date
),

persons as (
    select
        business_unit_code,
        'first_sale' as curve_code,
        cohort_grain_code,
        cohort_start,
        least(coalesce(sale_day, last_day), last_day, {{ followed }}) as day_number,
        case when sale_day <= least(last_day, {{ followed }}) then 1 else 0 end as has_sold
    from sales
),

{{ survival_shares('persons', 'has_sold') }}
