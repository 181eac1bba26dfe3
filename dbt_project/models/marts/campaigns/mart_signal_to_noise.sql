{{ config(
    unique_key=['business_unit_code', 'month_start', 'channel_code', 'kind_code'],
    dirty_key=['month_start'],
    dirty_from={
        'fct_message_quality': "select cast(date_trunc('month', sent_date) as date) as month_start from {changed}",
        'data_through': "select cohort_start as month_start from ("
            ~ cohorts_followed(['month'], 1, ['messages']) ~ ") as cohorts",
        'dim_business_unit': 'select t.month_start from {this} as t inner join {changed}'
            ~ ' on changed_rows.business_unit_code = t.business_unit_code',
    },
) }}

{% set channel = ['business_unit_code', 'month_start', 'channel_code'] | join(', ') %}

with kinds as (
    select
        messages.business_unit_code,
        periods.period_start as month_start,
        messages.channel_code,
        messages.kind_code,
        max(messages.is_signal) as is_signal,
        {# what a message did is known a day after it came #}
        max({{ add_days('periods.period_end', 1) }}) as observed_until,
        count(*) as message_count,
        count(distinct messages.customer_key) as customer_count,
        sum(messages.is_answered) as answered_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_message_quality') }} as messages
        on messages.sent_date >= periods.period_start
        and messages.sent_date < periods.period_end
    where periods.period_grain_code = 'month'
        and messages.is_internal = 0
        and {{ is_dirty('periods', ['period_start']) }}
    group by messages.business_unit_code, periods.period_start, messages.channel_code, messages.kind_code
),

shares as (
    select kinds.*, sum(message_count) over (partition by {{ channel }}) as sent_count
    from kinds
)

select
    shares.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    shares.month_start,
    shares.channel_code,
    channels.name_vi as channel_name_vi,
    channels.name_en as channel_name_en,
    shares.kind_code,
    labels.name_vi as kind_name_vi,
    labels.name_en as kind_name_en,
    shares.is_signal,
    shares.message_count,
    shares.sent_count,
    round({{ ratio('shares.message_count', 'shares.sent_count') }}, 6) as share_of_sent,
    shares.customer_count,
    shares.answered_count,
    case when shares.observed_until > known.data_through then 1 else 0 end as is_provisional
from shares
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = shares.business_unit_code
inner join {{ ref('dim_channel') }} as channels on channels.channel_code = shares.channel_code
inner join {{ ref('labels') }} as labels on labels.kind = 'message_quality' and labels.code = shares.kind_code
inner join {{ ref('data_through') }} as known
    on known.business_unit_code = shares.business_unit_code
    and known.process_code = 'messages'
    and known.data_through > shares.month_start
