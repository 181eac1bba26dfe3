{{ config(
    unique_key=['business_unit_code', 'customer_key', 'month_start'],
    dirty_from={
        'fct_message_quality': "select business_unit_code, customer_key, cast(date_trunc('month', sent_date) as date)"
            ~ ' as month_start from {changed}',
    },
    indexes=[{'columns': ['month_start']}],
) }}

with messages as (
    select
        business_unit_code,
        customer_key,
        cast(date_trunc('month', sent_date) as date) as month_start,
        is_signal,
        is_answered
    from {{ ref('fct_message_quality') }}
    where is_internal = 0
),

balances as (
    select
        business_unit_code,
        customer_key,
        month_start,
        count(*) as sent_count,
        sum(is_signal) as signal_count,
        sum(1 - is_signal) as noise_count,
        sum(is_answered) as answered_count
    from messages
    where {{ is_dirty('messages') }}
    group by business_unit_code, customer_key, month_start
)

{# a median is of what each customer has: here a ratio is divided for one of them #}
select
    business_unit_code,
    customer_key,
    month_start,
    sent_count,
    signal_count,
    noise_count,
    answered_count,
    round({{ ratio('signal_count', 'sent_count') }}, 6) as signal_share,
    round({{ ratio('signal_count', 'noise_count') }}, 6) as signal_to_noise,
    {# nothing has no logarithm #}
    case when signal_count > 0 then round(10 * log10({{ ratio('signal_count', 'noise_count') }}), 6) end as decibels
from balances
