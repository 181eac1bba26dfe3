{% set around = var('silence_days') %}
{% set before, after = var('activity_before_days'), var('activity_after_days') %}
{# of whoever had an experience around that day: all others have no row that could change #}
{% set of_those_with_rows = "select t.customer_key, t.business_unit_code from {this} as t inner join {changed}"
    ~ " on t.customer_key = changed_rows.customer_key and t.business_unit_code = changed_rows.business_unit_code" %}
{{ config(
    unique_key=['business_unit_code', 'month_start', 'customer_key'],
    dirty_key=['customer_key', 'business_unit_code'],
    dirty_from={
        'fct_bad_experiences': 'select customer_key, business_unit_code from {changed}',
        'fct_feedback': of_those_with_rows ~ " and changed_rows.answered_date >= t.month_start - " ~ around
            ~ " and changed_rows.answered_date < t.month_start + 31 + " ~ around,
        'fct_conversations': of_those_with_rows ~ " and changed_rows.opened_date >= t.month_start - " ~ around
            ~ " and changed_rows.opened_date < t.month_start + 31 + " ~ around,
        'fct_interactions': of_those_with_rows ~ " and changed_rows.occurred_date > t.month_start - " ~ before
            ~ " and changed_rows.occurred_date < t.month_start + 31 + " ~ after,
    },
    indexes=[{'columns': ['customer_key']}, {'columns': ['month_start']}],
) }}

with incidents as (
    select
        experiences.customer_key,
        experiences.business_unit_code,
        experiences.seen_date,
        experiences.told_date
    from {{ ref('fct_bad_experiences') }} as experiences
    where {{ is_dirty('experiences') }}
),

days as (
    {# an experience that was seen in one month and told in another is of both #}
    select
        customer_key,
        business_unit_code,
        cast(date_trunc('month', seen_date) as date) as month_start,
        seen_date,
        cast(null as date) as told_date
    from incidents
    where seen_date is not null
    union all
    select
        customer_key,
        business_unit_code,
        cast(date_trunc('month', told_date) as date) as month_start,
        cast(null as date) as seen_date,
        told_date
    from incidents
    where told_date is not null
),

voices as (
    {# whatever a customer says of their own accord, and every answer that is not a good one #}
    select customer_key, business_unit_code, answered_date as told_date
    from {{ ref('fct_feedback') }} as feedback
    where feedback.kind_code <> 'validation'
        and (
            feedback.band_code in ('dissatisfied', 'detractor')
            or (feedback.kind_code = 'review' and feedback.scale_code = 'one_to_five' and feedback.score <= 3)
        )
        and {{ is_dirty('feedback') }}
    union all
    select customer_key, business_unit_code, opened_date as told_date
    from {{ ref('fct_conversations') }} as conversations
    where {{ is_dirty('conversations') }}
),

heard as (
    select distinct days.customer_key, days.business_unit_code, days.month_start
    from days
    inner join voices
        on voices.customer_key = days.customer_key
        and voices.business_unit_code = days.business_unit_code
        and voices.told_date >= {{ add_days('days.seen_date', -around) }}
        and voices.told_date <= {{ add_days('days.seen_date', around) }}
),

months as (
    select
        days.customer_key,
        days.business_unit_code,
        days.month_start,
        count(days.seen_date) as seen_count,
        count(days.told_date) as told_count,
        max(days.seen_date) as last_seen_date
    from days
    group by days.customer_key, days.business_unit_code, days.month_start
),

active as (
    {# days on which the customer did something with the unit; that they were asked by us is none of it #}
    select
        months.customer_key,
        months.business_unit_code,
        months.month_start,
        count(distinct case
            when contacts.occurred_date <= months.last_seen_date then contacts.occurred_date
        end) as days_before,
        count(distinct case
            when contacts.occurred_date > months.last_seen_date then contacts.occurred_date
        end) as days_after
    from months
    inner join {{ ref('fct_interactions') }} as contacts
        on contacts.customer_key = months.customer_key
        and contacts.business_unit_code = months.business_unit_code
        and contacts.occurred_date > {{ add_days('months.last_seen_date', -before) }}
        and contacts.occurred_date <= {{ add_days('months.last_seen_date', after) }}
    where contacts.direction_code = 'in'
        and not (contacts.interaction_kind_code = 'survey' and contacts.subject_code = 'validation')
    group by months.customer_key, months.business_unit_code, months.month_start
),

judged as (
    select
        months.business_unit_code,
        months.month_start,
        months.customer_key,
        months.seen_count,
        months.told_count,
        months.last_seen_date,
        {{ add_days('months.last_seen_date', after + 1) }} as judged_date,
        coalesce(active.days_before, 0) as active_days_before,
        coalesce(active.days_after, 0) as active_days_after,
        case when heard.customer_key is not null or months.told_count > 0 then 1 else 0 end as is_vocal,
        {# less than half of what as many days brought before #}
        case
            when coalesce(active.days_after, 0) * {{ 2 * before }} < coalesce(active.days_before, 0) * {{ after }} then 1
            else 0
        end as has_dropped
    from months
    left join heard
        on heard.customer_key = months.customer_key
        and heard.business_unit_code = months.business_unit_code
        and heard.month_start = months.month_start
    left join active
        on active.customer_key = months.customer_key
        and active.business_unit_code = months.business_unit_code
        and active.month_start = months.month_start
)

select
    judged.*,
    case when seen_count > 0 and is_vocal = 0 and has_dropped = 1 then 1 else 0 end as is_silent
from judged
