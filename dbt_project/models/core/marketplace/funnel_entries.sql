{#
    A person enters a funnel once a month, by the first step that is taken in it. Each step counts by its first time after
    the one before it, and within seven days of the entry; who leaves a step out has not come further.
#}
{% set days = 7 %}
{{ config(
    unique_key=['business_unit_code', 'person_key', 'funnel_code', 'month_start'],
    dirty_key=['business_unit_code', 'person_key'],
    dirty_from={
        'visit_steps': "select business_unit_code, person_key from {changed}"
            ~ " union select spans.business_unit_code, spans.customer_key from {changed}"
            ~ " inner join core.listing_spans as spans on spans.business_unit_code = changed_rows.business_unit_code"
            ~ " and spans.listing_id = changed_rows.listing_id",
        'listing_spans': 'select business_unit_code, customer_key as person_key from {changed}',
        'fct_milestones': "select business_unit_code, person_key from {changed} where milestone_code = 'signed_up'",
        'fct_bookings': "select business_unit_code, customer_key as person_key from {changed}"
            ~ " union select business_unit_code, seller_customer_key from {changed}",
        'dim_business_unit': "select t.business_unit_code, t.person_key from {this} as t inner join {changed}"
            ~ " on t.business_unit_code = changed_rows.business_unit_code"
            ~ " union select named.business_unit_code, named.person_key from core.fct_milestones as named"
            ~ " inner join {changed} on named.business_unit_code = changed_rows.business_unit_code",
    },
    indexes=[{'columns': ['month_start']}],
) }}

with listings as (
    select distinct spans.business_unit_code, spans.customer_key, spans.listing_id
    from {{ ref('listing_spans') }} as spans
    where spans.is_internal = 0
        and spans.customer_key <> 'unknown'
        and {{ is_dirty('spans', ['business_unit_code', 'customer_key']) }}
),

things as (
    select
        business_unit_code,
        'buyer' as funnel_code,
        person_key,
        case step_code when 'search' then 1 when 'view' then 2 when 'add' then 3 else 4 end as step_number,
        occurred_at,
        event_date as done_date
    from {{ ref('visit_steps') }} as steps
    where is_counted = 1 and step_code in ('search', 'view', 'add', 'checkout') and {{ is_dirty('steps') }}
    {%- for step, moment in [(5, 'paid_at'), (6, 'completed_at')] %}
    union all
    select
        business_unit_code,
        'buyer' as funnel_code,
        customer_key as person_key,
        {{ step }} as step_number,
        {{ moment }} as occurred_at,
        requested_date as done_date
    from {{ ref('fct_bookings') }} as bookings
    where is_counted = 1 and {{ moment }} is not null and {{ is_dirty('bookings', ['business_unit_code', 'customer_key']) }}
    {%- endfor %}
    union all
    {#
        Only who enters is asked for the type of the unit, and here: steps of visits are a marketplace's. Asked of `things`,
        of which the planner knows nothing, it would expect one entry and look at all things for each.
    #}
    select
        milestones.business_unit_code,
        'seller' as funnel_code,
        milestones.person_key,
        1 as step_number,
        milestones.occurred_at,
        milestones.milestone_date as done_date
    from {{ ref('fct_milestones') }} as milestones
    {{ join_unit_of_type('milestones', 'marketplace') }}
    where milestones.is_counted = 1 and milestones.milestone_code = 'signed_up' and {{ is_dirty('milestones') }}
    union all
    select
        business_unit_code,
        'seller' as funnel_code,
        customer_key as person_key,
        2 as step_number,
        from_at as occurred_at,
        from_date as done_date
    from {{ ref('listing_spans') }} as spans
    where is_internal = 0 and is_live = 1 and {{ is_dirty('spans', ['business_unit_code', 'customer_key']) }}
    union all
    select
        steps.business_unit_code,
        'seller' as funnel_code,
        listings.customer_key as person_key,
        3 as step_number,
        steps.occurred_at,
        steps.event_date as done_date
    from listings
    inner join {{ ref('visit_steps') }} as steps
        on steps.business_unit_code = listings.business_unit_code
        and steps.listing_id = listings.listing_id
    where steps.step_code = 'view' and steps.is_counted = 1
    union all
    select
        business_unit_code,
        'seller' as funnel_code,
        seller_customer_key as person_key,
        4 as step_number,
        requested_at as occurred_at,
        requested_date as done_date
    from {{ ref('fct_bookings') }} as bookings
    where is_counted = 1 and {{ is_dirty('bookings', ['business_unit_code', 'seller_customer_key']) }}
),

step_1 as (
    select
        things.business_unit_code,
        things.funnel_code,
        things.person_key,
        cast(date_trunc('month', things.done_date) as date) as month_start,
        min(things.occurred_at) as step_1_at
    from things
    where things.step_number = 1 and things.person_key <> 'unknown'
    group by
        things.business_unit_code, things.funnel_code, things.person_key,
        cast(date_trunc('month', things.done_date) as date)
),
{% for step in range(2, 7) %}
step_{{ step }} as (
    select
        {%- for column in ['business_unit_code', 'funnel_code', 'person_key', 'month_start'] %}
        entries.{{ column }},
        {%- endfor %}
        {%- for former in range(1, step) %}
        entries.step_{{ former }}_at,
        {%- endfor %}
        min(things.occurred_at) as step_{{ step }}_at
    from step_{{ step - 1 }} as entries
    left join things
        on things.business_unit_code = entries.business_unit_code
        and things.funnel_code = entries.funnel_code
        and things.person_key = entries.person_key
        and things.step_number = {{ step }}
        and things.occurred_at >= entries.step_{{ step - 1 }}_at
        and things.occurred_at < {{ add_seconds('entries.step_1_at', days * 86400) }}
    group by
        entries.business_unit_code, entries.funnel_code, entries.person_key, entries.month_start
        {%- for former in range(1, step) %}, entries.step_{{ former }}_at{% endfor %}
){{ ',' if not loop.last }}
{% endfor %}

select
    business_unit_code,
    person_key,
    funnel_code,
    month_start,
    1
    {%- for step in range(2, 7) %}
        + case when step_{{ step }}_at is not null then 1 else 0 end
    {%- endfor %} as step_count,
    {%- for step in range(2, 7) %}
    {{ seconds_between('step_' ~ (step - 1) ~ '_at', 'step_' ~ step ~ '_at') }} as seconds_to_step_{{ step }}{{ ',' if not loop.last }}
    {%- endfor %}
from step_6
