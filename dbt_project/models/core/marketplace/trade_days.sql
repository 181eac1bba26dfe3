{# what was sold is known by its completion: a booking that is only asked for makes nobody a buyer #}
{{ config(
    unique_key=['business_unit_code', 'customer_key', 'side_code', 'trade_date'],
    dirty_key=['business_unit_code', 'customer_key'],
    dirty_from={
        'fct_bookings': "select business_unit_code, customer_key from {changed}"
            ~ " union select business_unit_code, seller_customer_key from {changed}",
    },
    indexes=[{'columns': ['trade_date']}],
) }}

with trades as (
    {%- for side, person in [('buyer', 'customer_key'), ('seller', 'seller_customer_key')] %}
    {{ 'union all' if not loop.first }}
    select
        bookings.business_unit_code,
        bookings.{{ person }} as customer_key,
        '{{ side }}' as side_code,
        bookings.completed_date as trade_date
    from {{ ref('fct_bookings') }} as bookings
    where bookings.is_counted = 1
        and bookings.completed_date is not null
        and bookings.{{ person }} <> 'unknown'
        and {{ is_dirty('bookings', ['business_unit_code', person]) }}
    {%- endfor %}
)

select
    business_unit_code,
    customer_key,
    side_code,
    trade_date,
    count(*) as booking_count,
    min(trade_date) over (partition by business_unit_code, customer_key, side_code) as first_trade_date
from trades
group by business_unit_code, customer_key, side_code, trade_date
