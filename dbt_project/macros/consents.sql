{#
    What customers consent to, as the body of a common table expression: one row per customer, what was decided
    on, and stretch of days from one decision of theirs to the next. Decisions are made per unit, purpose and
    channel: in each the last word holds, of two said at once the refusal, and what no unit is refused may be done.
    Marketing is decided on channel by channel; who refuses it without saying where refuses it everywhere, and a
    grant that does not say where opens no channel. Any other purpose is one answer over all channels.
    A decision without a date is older than any other.
#}
{% macro consents_in_force() -%}
{%- set beginning = "cast('" ~ var('calendar_start') ~ "' as date)" -%}
(
    with words as (
        select
            said.*,
            lead(said_from) over (
                partition by customer_key, business_unit_code, purpose_code, channel_code order by said_from
            ) as said_to
        from (
            select
                consents.customer_key,
                consents.business_unit_code,
                consents.purpose_code,
                case when consents.purpose_code = 'marketing' then consents.channel_code else 'any' end
                    as scope_code,
                consents.channel_code,
                consents.is_granted,
                coalesce(consents.decided_date, {{ beginning }}) as said_from,
                row_number() over (
                    partition by
                        consents.customer_key, consents.business_unit_code, consents.purpose_code,
                        consents.channel_code, coalesce(consents.decided_date, {{ beginning }})
                    order by consents.decided_at desc nulls last, consents.is_granted
                ) as day_rank
            from {{ ref('fct_consents') }} as consents
            where consents.customer_key <> 'unknown' and {{ is_dirty('consents') }}
        ) as said
        where said.day_rank = 1
    ),

    days as (
        select
            customer_key,
            said_from as valid_from,
            lead(said_from) over (partition by customer_key order by said_from) as valid_to
        from (select distinct customer_key, said_from from words) as decided
    ),

    answers as (
        select
            days.customer_key,
            days.valid_from,
            days.valid_to,
            words.purpose_code,
            words.scope_code,
            min(words.is_granted) as is_granted
        from days
        inner join words
            on words.customer_key = days.customer_key
            and words.said_from <= days.valid_from
            and (words.said_to is null or words.said_to > days.valid_from)
        group by days.customer_key, days.valid_from, days.valid_to, words.purpose_code, words.scope_code
    )

    select
        customer_key,
        valid_from,
        valid_to,
        purpose_code,
        scope_code,
        case
            when purpose_code = 'marketing' and min(case when scope_code = 'unknown' then is_granted end) over (
                partition by customer_key, valid_from, purpose_code
            ) = 0 then 0
            else is_granted
        end as is_granted
    from answers
)
{%- endmacro %}

{# The decisions that a member of Mailchimp who arrived tells of: the latest one, and the one before by which they had joined. #}
{% macro mailchimp_decisions(arrived) %}
    select record_key from ({{ arrived }}) as arrived
    union all
    select record_key || '/opt_in' from ({{ arrived }}) as arrived
{% endmacro %}
