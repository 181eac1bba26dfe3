{#
    Signs that something is wrong, each of a day and of what happened shortly before it. They accuse nobody: how often a rule
    is right, `marketplace.trust` tells. Rule F7 (the same pictures or text) has no input: no source gives them.
#}
{{ config(
    unique_key=['business_unit_code', 'signal_date', 'rule_code', 'subject_key'],
    dirty_key=['business_unit_code', 'signal_date'],
    dirty_from={
        'fct_bookings': "select business_unit_code, requested_date as signal_date from {changed}"
            ~ " union select changed_rows.business_unit_code, p.period_start from {changed} inner join core.dim_period as p"
            ~ " on p.period_grain_code = 'month' and p.period_start > changed_rows.requested_date"
            ~ " and p.period_start <= changed_rows.requested_date + 92"
            ~ " union select messages.business_unit_code, messages.sent_date from {changed}"
            ~ " inner join core.fct_messages as messages on messages.source_key = changed_rows.source_key"
            ~ " and messages.conversation_id = changed_rows.booking_id"
            ~ " union select reviews.business_unit_code, reviews.answered_date + later.days from {changed}"
            ~ " inner join core.fct_feedback as reviews on reviews.source_key = changed_rows.source_key"
            ~ " and reviews.order_id = changed_rows.booking_id"
            ~ " cross join generate_series(0, 28) as later (days)"
            ~ " union select reviews.business_unit_code, p.period_start from {changed}"
            ~ " inner join core.fct_feedback as reviews on reviews.source_key = changed_rows.source_key"
            ~ " and reviews.order_id = changed_rows.booking_id"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and p.period_start > reviews.answered_date and p.period_start <= reviews.answered_date + 92",
        'dim_customer': "select bookings.business_unit_code, bookings.requested_date as signal_date from {changed}"
            ~ " inner join core.fct_bookings as bookings on bookings.customer_key = changed_rows.customer_key"
            ~ " union select bookings.business_unit_code, bookings.requested_date from {changed}"
            ~ " inner join core.fct_bookings as bookings on bookings.seller_customer_key = changed_rows.customer_key",
        'fct_feedback': "select changed_rows.business_unit_code, changed_rows.answered_date + later.days as signal_date"
            ~ " from {changed} cross join generate_series(0, 28) as later (days)"
            ~ " union select changed_rows.business_unit_code, p.period_start from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and p.period_start > changed_rows.answered_date and p.period_start <= changed_rows.answered_date + 92",
        'fct_listing_days': "select business_unit_code, snapshot_date as signal_date from {changed}"
            ~ " union select days.business_unit_code, days.first_live_date from {changed}"
            ~ " inner join core.listing_spans as days on days.customer_key = changed_rows.customer_key"
            ~ " and days.business_unit_code = changed_rows.business_unit_code",
        'listing_spans': "select spans.business_unit_code, spans.first_live_date as signal_date from {changed}"
            ~ " inner join core.listing_spans as spans on spans.customer_key = changed_rows.customer_key"
            ~ " and spans.business_unit_code = changed_rows.business_unit_code",
        'fct_messages': 'select business_unit_code, sent_date as signal_date from {changed}',
        'visit_steps': 'select business_unit_code, event_date as signal_date from {changed}',
        'data_through': "select changed_rows.business_unit_code, p.period_start as signal_date from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and p.period_start >= changed_rows.data_through - 1"
            ~ " and p.period_start <= (select max(known.data_through) from core.data_through as known)"
            ~ " where changed_rows.process_code = 'bookings'"
            ~ " union select t.business_unit_code, t.signal_date from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code and changed_rows.process_code = 'bookings'"
            ~ " and t.signal_date >= changed_rows.data_through - 1",
        'dim_business_unit': "select t.business_unit_code, t.signal_date from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code"
            ~ " union select changed_rows.business_unit_code, dates.calendar_date from {changed}"
            ~ " cross join core.dim_date as dates where changed_rows.op <> 'd'",
    },
    change_carries=['booking_key'],
    indexes=[{'columns': ['signal_date']}],
) }}

{% set weights = {'F1': 40, 'F2': 20, 'F3': 30, 'F4': 20, 'F5': 30, 'F6': 30, 'F8': 20} %}

with bookings as (
    select
        bookings.*,
        source_key || ':' || booking_id as booking_key,
        requested_date as signal_date,
        case when status_code = 'disputed' or refund_amount > 0 then 1 else 0 end as is_taken_back
    from {{ ref('fct_bookings') }} as bookings
),

reviews as (
    select
        reviews.source_key,
        reviews.feedback_id,
        reviews.customer_key,
        reviews.business_unit_code,
        reviews.answered_date,
        bookings.listing_key
    from {{ ref('fct_feedback') }} as reviews
    inner join bookings
        on bookings.source_key = reviews.source_key
        and bookings.booking_id = reviews.order_id
        and bookings.listing_key <> 'unknown'
    where reviews.kind_code = 'review' and reviews.is_internal = 0
),

review_days as (
    select business_unit_code, listing_key, answered_date as signal_date, count(*) as review_count
    from reviews
    group by business_unit_code, listing_key, answered_date
),

bursts as (
    select
        days.business_unit_code,
        days.signal_date,
        days.listing_key,
        days.review_count,
        coalesce(sum(former.review_count), 0) as former_count
    from review_days as days
    left join review_days as former
        on former.business_unit_code = days.business_unit_code
        and former.listing_key = days.listing_key
        and former.signal_date < days.signal_date
        and former.signal_date >= {{ add_days('days.signal_date', -28) }}
    where days.review_count >= 5 and {{ is_dirty('days') }}
    group by days.business_unit_code, days.signal_date, days.listing_key, days.review_count
),

months as (
    select units.business_unit_code, periods.period_start as signal_date
    from {{ ref('dim_period') }} as periods
    cross join {{ ref('dim_business_unit') }} as units
    {# the days before a month are asked once they are known, all of them #}
    inner join {{ ref('data_through') }} as known
        on known.business_unit_code = units.business_unit_code
        and known.process_code = 'bookings'
        and known.data_through >= periods.period_start
    where periods.period_grain_code = 'month' and units.business_type_code = 'marketplace'
),

sellers as (
    {# the ninety days before a month begins, by seller and by category #}
    select
        months.business_unit_code,
        months.signal_date,
        bookings.seller_customer_key,
        coalesce(bookings.category_name, 'unknown') as category_name,
        count(*) as booking_count,
        sum(bookings.is_taken_back) as taken_back_count
    from months
    inner join bookings
        on bookings.business_unit_code = months.business_unit_code
        and bookings.requested_date < months.signal_date
        and bookings.requested_date >= {{ add_days('months.signal_date', -90) }}
    where {{ is_dirty('months') }}
    group by
        months.business_unit_code, months.signal_date, bookings.seller_customer_key,
        coalesce(bookings.category_name, 'unknown')
),

categories as (
    select
        sellers.*,
        sum(booking_count) over (partition by business_unit_code, signal_date, category_name) as all_booking_count,
        sum(taken_back_count) over (partition by business_unit_code, signal_date, category_name) as all_taken_back_count
    from sellers
),

raters as (
    select
        months.business_unit_code,
        months.signal_date,
        reviews.listing_key,
        reviews.customer_key,
        count(distinct reviews.feedback_id) as review_count,
        count(distinct bought.booking_key) as booking_count
    from months
    inner join reviews
        on reviews.business_unit_code = months.business_unit_code
        and reviews.answered_date < months.signal_date
        and reviews.answered_date >= {{ add_days('months.signal_date', -90) }}
    left join bookings as bought
        on bought.business_unit_code = months.business_unit_code
        and bought.customer_key = reviews.customer_key
        and bought.requested_date < months.signal_date
        and bought.requested_date >= {{ add_days('months.signal_date', -90) }}
    where {{ is_dirty('months') }}
    group by months.business_unit_code, months.signal_date, reviews.listing_key, reviews.customer_key
),

prices as {{ computed_once() }} (
    select
        days.business_unit_code,
        days.snapshot_date as signal_date,
        coalesce(days.category_name, 'unknown') as category_name,
        percentile_cont(0.5) within group (order by days.price) as median_price,
        count(*) as listing_count
    from (select fct.*, snapshot_date as signal_date from {{ ref('fct_listing_days') }} as fct) as days
    where days.is_live_end = 1 and days.price is not null and {{ is_dirty('days') }}
    group by days.business_unit_code, days.snapshot_date, coalesce(days.category_name, 'unknown')
),

beginners as (
    select business_unit_code, customer_key, min(first_live_date) as first_live_date
    from {{ ref('listing_spans') }}
    where customer_key <> 'unknown'
    group by business_unit_code, customer_key
),

begun_listings as {{ computed_once() }} (
    {# by themselves, before they are held against prices: of a new seller there are few #}
    select
        days.business_unit_code,
        days.signal_date,
        days.listing_key,
        days.customer_key,
        coalesce(days.category_name, 'unknown') as category_name,
        days.price
    from (select fct.*, snapshot_date as signal_date from {{ ref('fct_listing_days') }} as fct) as days
    inner join beginners
        on beginners.business_unit_code = days.business_unit_code
        and beginners.customer_key = days.customer_key
    where days.movement_code = 'new'
        and days.signal_date < {{ add_days('beginners.first_live_date', 30) }}
        and {{ is_dirty('days') }}
),

device_hours as (
    select
        steps.business_unit_code,
        steps.signal_date,
        steps.visitor_key,
        floor({{ epoch_seconds('steps.occurred_at') }} / 3600) as hour_number,
        count(*) as order_count
    from (select visits.*, event_date as signal_date from {{ ref('visit_steps') }} as visits) as steps
    where steps.step_code = 'order' and {{ is_dirty('steps') }}
    group by
        steps.business_unit_code, steps.signal_date, steps.visitor_key,
        floor({{ epoch_seconds('steps.occurred_at') }} / 3600)
),

signals as (
    {# F1: a buyer who is the seller, or shares a phone with the seller #}
    select
        bookings.business_unit_code,
        bookings.signal_date,
        'F1' as rule_code,
        'booking' as subject_type_code,
        bookings.booking_key as subject_key,
        bookings.booking_key,
        bookings.seller_customer_key as customer_key,
        1 as figure
    from bookings
    inner join {{ ref('dim_customer') }} as buyers on buyers.customer_key = bookings.customer_key
    inner join {{ ref('dim_customer') }} as sellers on sellers.customer_key = bookings.seller_customer_key
    where bookings.customer_key <> 'unknown'
        and bookings.seller_customer_key <> 'unknown'
        and (bookings.customer_key = bookings.seller_customer_key or buyers.household_key = sellers.household_key)
        and {{ is_dirty('bookings') }}
    union all
    {# F2: five reviews in a day or more, and more than five times the mean of the 28 days before #}
    select business_unit_code, signal_date, 'F2', 'listing', listing_key, null, null, review_count
    from bursts
    where review_count * 28 > 5 * former_count
    union all
    {# F3: refunded or disputed more than three times as often as the category #}
    select
        business_unit_code, signal_date, 'F3', 'seller_category', seller_customer_key || ':' || category_name, null,
        seller_customer_key, taken_back_count
    from categories
    where booking_count >= 5
        and seller_customer_key <> 'unknown'
        and taken_back_count * all_booking_count > 3 * all_taken_back_count * booking_count
    union all
    {# F4: a new listing of a new seller at less than half of the median of five or more #}
    select
        days.business_unit_code, days.signal_date, 'F4', 'listing', days.listing_key, null, days.customer_key, days.price
    from begun_listings as days
    inner join prices
        on prices.business_unit_code = days.business_unit_code
        and prices.signal_date = days.signal_date
        and prices.category_name = days.category_name
    where prices.listing_count >= 5 and days.price < 0.5 * prices.median_price
    union all
    {# F5: a phone or an e-mail in a chat; a chat is called what its booking is #}
    select
        messages.business_unit_code, messages.signal_date, 'F5', 'message',
        messages.source_key || ':' || messages.message_id, messages.source_key || ':' || messages.conversation_id,
        nullif(messages.customer_key, 'unknown'), 1
    from (select fct.*, sent_date as signal_date from {{ ref('fct_messages') }} as fct) as messages
    where messages.has_contact = 1 and messages.author_kind_code <> 'bot' and {{ is_dirty('messages') }}
    union all
    {# F6: more than three bookings in an hour of the clock from one device #}
    select business_unit_code, signal_date, 'F6', 'device', visitor_key, null, null, max(order_count)
    from device_hours
    where order_count > 3
    group by business_unit_code, signal_date, visitor_key
    union all
    {# F8: five ratings or more, all of them by people with no other booking #}
    select business_unit_code, signal_date, 'F8', 'listing', listing_key, null, null, sum(review_count)
    from raters
    group by business_unit_code, signal_date, listing_key
    having sum(review_count) >= 5 and max(booking_count) <= 1
)

select
    signals.business_unit_code,
    signals.signal_date,
    signals.rule_code,
    signals.subject_key,
    signals.subject_type_code,
    outcome.booking_key,
    signals.customer_key,
    signals.figure,
    case signals.rule_code
        {%- for rule, weight in weights.items() %} when '{{ rule }}' then {{ weight }}{% endfor %}
    end as weight,
    {# nobody writes down what a review of a signal found: how its booking ended tells #}
    case when outcome.status_code in ('completed', 'cancelled', 'disputed') then 1 else 0 end as is_reviewed,
    case
        when outcome.status_code = 'disputed' then 1
        when outcome.status_code = 'cancelled' and outcome.cancel_reason_code = 'fraud' then 1
        else 0
    end as is_confirmed
from signals
{{ join_unit_of_type('signals', 'marketplace') }}
left join bookings as outcome
    on outcome.booking_key = signals.booking_key
    and outcome.business_unit_code = signals.business_unit_code
where signals.signal_date is not null
