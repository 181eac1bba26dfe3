{% set grains = ['day', 'week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_bookings': periods_of('requested_date', grains),
        'fct_listing_days': periods_of('snapshot_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with bookings as (
    select
        periods.period_grain_code,
        periods.period_start,
        bookings.business_unit_code,
        coalesce(left(bookings.category_name, 64), 'unknown') as category_name,
        {# a booking of nobody known is a person of its own #}
        case
            when bookings.customer_key = 'unknown' then bookings.source_key || ':' || bookings.booking_id
            else bookings.customer_key
        end as person_key,
        bookings.amount,
        bookings.fee_amount - bookings.voucher_amount as platform_amount,
        {# what the nights cost by the price of the day; of what is no stay, nobody tells how much was bought #}
        case
            when days.is_live_end = 1 and bookings.ends_on > bookings.starts_on
                then days.price * (bookings.ends_on - bookings.starts_on)
        end as list_amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_bookings') }} as bookings
        on bookings.requested_date >= periods.period_start
        and bookings.requested_date < periods.period_end
    {{ join_unit_of_type('bookings', 'marketplace') }}
    left join {{ ref('fct_listing_days') }} as days
        on days.listing_key = bookings.listing_key
        and days.snapshot_date = bookings.requested_date
    where periods.period_grain_code in ('{{ grains | join("', '") }}')
        and bookings.is_counted = 1
        and {{ is_dirty('periods') }}
),

persons as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        category_name,
        person_key,
        count(*) as booking_count,
        sum(amount) as amount,
        sum(platform_amount) as platform_amount,
        count(list_amount) as listed_count,
        coalesce(sum(list_amount), 0) as list_amount,
        coalesce(sum(case when list_amount is not null then list_amount - amount end), 0) as discount_amount
    from bookings
    group by business_unit_code, period_grain_code, period_start, grouping sets ((category_name, person_key), (person_key))
),

sold as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when category_name is null then 'all' else 'category' end as segment_type_code,
        coalesce(category_name, 'all') as segment_code,
        sum(booking_count) as booking_count,
        count(*) as person_count,
        sum(amount) as amount,
        sum(platform_amount) as platform_amount,
        sum(listed_count) as listed_count,
        sum(case when listed_count > 0 then 1 else 0 end) as listed_person_count,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount,
        {{ residual_squares('platform_amount', 'amount') }} as take_residual,
        {{ residual_squares('discount_amount', 'list_amount') }} as discount_residual
    from persons
    group by business_unit_code, period_grain_code, period_start, category_name
),

days as (
    select
        periods.period_grain_code,
        periods.period_start,
        days.business_unit_code,
        coalesce(left(days.category_name, 64), 'unknown') as category_name,
        days.listing_key,
        case
            when days.snapshot_date = {{ add_days('least(periods.period_end, known.data_through)', -1) }} then days.is_live_end
            else 0
        end as is_end,
        case when days.is_live_start = 1 and days.is_live_end = 1 and days.price <> days.price_before then 1 else 0 end
            as is_price_change,
        days.price,
        days.suggested_price
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_listing_days') }} as days
        on days.snapshot_date >= periods.period_start
        and days.snapshot_date < periods.period_end
    {{ join_unit_of_type('days', 'marketplace') }}
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = days.business_unit_code
        and known.process_code = 'bookings'
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

offered as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case when grouping(category_name) = 1 then 'all' else 'category' end as segment_type_code,
        case when grouping(category_name) = 1 then 'all' else category_name end as segment_code,
        count(distinct listing_key) as listing_count,
        sum(is_price_change) as change_count,
        {# of what is on offer at the end #}
        count(case when is_end = 1 then price end) as priced_count,
        percentile_cont(0.5) within group (order by case when is_end = 1 then price end) as price_p50,
        percentile_cont(0.75) within group (order by case when is_end = 1 then price end)
            - percentile_cont(0.25) within group (order by case when is_end = 1 then price end) as price_range,
        sum(case when is_end = 1 and suggested_price > 0 then 1 else 0 end) as suggested_count,
        sum(
            case
                when is_end = 1 and suggested_price > 0
                    and abs(price - suggested_price) <= {{ var('suggestion_tolerance') }} * suggested_price then 1
                else 0
            end
        ) as accepted_count
    from days
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start),
        (business_unit_code, period_grain_code, period_start, category_name)
    )
)

{{ variant_row('sold', 'marketplace.pricing', 'gmv', 'money', value='amount', n='booking_count', units='person_count') }}
union all
{{ variant_row('sold', 'marketplace.pricing', 'bookings', 'count', value='booking_count', n='booking_count', units='person_count') }}
union all
{{ variant_row('sold', 'marketplace.pricing', 'take_rate', 'mean', 'platform_amount', 'amount', 'take_residual',
    n='booking_count', units='person_count') }}
union all
{{ variant_row('sold', 'marketplace.pricing', 'discount_depth', 'mean', 'discount_amount', 'list_amount', 'discount_residual',
    n='listed_count', units='listed_person_count') }}
union all
{{ variant_row('offered', 'marketplace.pricing', 'price_p50', 'quantile', value='price_p50', n='priced_count') }}
union all
{{ variant_row('offered', 'marketplace.pricing', 'price_dispersion', 'mean', 'price_range', 'price_p50', n='priced_count') }}
union all
{{ variant_row('offered', 'marketplace.pricing', 'price_changes', 'mean', 'change_count', 'listing_count') }}
union all
{{ variant_row('offered', 'marketplace.pricing', 'suggestion_acceptance', 'ratio', 'accepted_count', 'suggested_count') }}
