{{ config(unique_key=['business_unit_code', 'process_code'], change_carries=['data_through']) }}

{% set facts = [
    ('orders', 'fct_orders', 'order_date'),
    ('conversations', 'fct_conversations', 'opened_date'),
    ('feedback', 'fct_feedback', 'answered_date'),
    ('interactions', 'fct_interactions', 'occurred_date'),
    ('sessions', 'fct_sessions', 'session_date'),
    ('carts', 'cart_outcomes', 'last_active_date'),
    ('recommendations', 'fct_recommendations', 'shown_date'),
    ('messages', 'fct_message_events', 'event_date'),
    ('invites', 'fct_invites', 'sent_date'),
    ('spend', 'fct_spend_days', 'spend_date'),
    ('subscriptions', 'fct_subscriptions', 'effective_date'),
    ('subscriptions', 'fct_invoices', 'issued_date'),
    ('installs', 'fct_install_days', 'install_date'),
    ('ad_slots', 'fct_ad_slot_days', 'slot_date'),
    ('content', 'fct_content_events', 'event_date'),
    ('bookings', 'fct_bookings', 'requested_date'),
] %}

with known_days as (
    {#- the last day of each unit by an index: history is not read #}
    {%- for process, fact, day in facts %}
    {{ 'union all' if not loop.first }}
    select
        units.business_unit_code,
        '{{ process }}' as process_code,
        (
            select max(facts.{{ day }}) from {{ ref(fact) }} as facts
            where facts.business_unit_code = units.business_unit_code
        ) as last_day
    from {{ ref('dim_business_unit') }} as units
    {%- endfor %}
    union all
    {# a marketplace of which no booking is told is known as far as what is on offer #}
    select
        units.business_unit_code,
        'bookings' as process_code,
        (
            select max(spans.from_date) from {{ ref('listing_spans') }} as spans
            where spans.business_unit_code = units.business_unit_code
        ) as last_day
    from {{ ref('dim_business_unit') }} as units
    where not exists (
        select 1 from {{ ref('fct_bookings') }} as bookings
        where bookings.business_unit_code = units.business_unit_code
    )
),

last_days as (
    select business_unit_code, process_code, max(last_day) as last_day
    from known_days
    group by business_unit_code, process_code
)

{# the day of the build is never complete, nor is one that a source's clock has not come to #}
select
    last_days.business_unit_code,
    last_days.process_code,
    least({{ add_days('last_days.last_day', 1) }}, {{ batch_date('units.time_zone') }}) as data_through
from last_days
inner join {{ ref('dim_business_unit') }} as units
    on units.business_unit_code = last_days.business_unit_code
where last_days.last_day is not null
