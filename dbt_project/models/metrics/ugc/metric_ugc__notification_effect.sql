{#
    By intention to treat: everybody to whom something was to be told, told or held out, whatever became of it. People are
    told often: a share's interval is made of the residuals of persons. A source tells what happened to a message of a
    campaign to a person, and not to which: it is the last one before. Each is looked at once, however many periods hold it.
#}
{% set grains = ['day', 'week', 'month'] %}
{% set known_days = 7 %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_message_events': periods_of('event_date', grains, before=7, after=known_days),
        'fct_content_events': periods_of('event_date', grains, after=1),
        'dim_campaign': periods_of('e.event_date', grains, before=7, after=known_days, of="{changed}"
            ~ " inner join core.fct_message_events as e on e.source_key = changed_rows.source_key"
            ~ " and e.campaign_id = changed_rows.campaign_id"),
        'dim_business_unit': all_periods(grains),
    },
) }}

{# the message that it happened to #}
{% set last_message = "over (partition by events.campaign_key, events.customer_key order by events.occurred_at,"
    ~ " case when events.kind_code in ('sent', 'withheld') then 0 else 1 end, events.source_key, events.message_event_id"
    ~ " rows unbounded preceding)" %}

with days as {{ computed_once() }} (
    {{ days_of_periods(grains) }}
),

read_days as (
    {# from the Monday before, which the n-th of the week is counted from, up to when the last is known #}
    select distinct calendar_date from ({{ days_of_periods(grains, before=7, after=known_days) }}) as days_around
),

happenings as (
    select
        events.business_unit_code,
        events.customer_key,
        events.campaign_key,
        events.channel_code,
        coalesce(campaigns.topic_code, 'unknown') as topic_code,
        events.kind_code,
        events.occurred_at,
        events.event_date,
        sum(case when events.kind_code in ('sent', 'withheld') then 1 else 0 end) {{ last_message }} as message_number,
        max(case when events.kind_code in ('sent', 'withheld') then events.event_date end) {{ last_message }} as told_date
    from read_days
    inner join {{ ref('fct_message_events') }} as events on events.event_date = read_days.calendar_date
    {{ join_unit_of_type('events', 'ugc') }}
    inner join {{ ref('dim_campaign') }} as campaigns
        on campaigns.campaign_key = events.campaign_key
        and campaigns.kind_code = 'notification'
    where events.customer_key <> 'unknown'
        and events.is_internal = 0
        {# a scanner opens what nobody has seen #}
        and coalesce(events.is_machine, 0) = 0
        and events.kind_code in ('sent', 'withheld', 'delivered', 'opened', 'clicked', 'unsubscribed')
),

messages as (
    select
        business_unit_code,
        customer_key,
        campaign_key,
        message_number,
        told_date,
        max(case when kind_code in ('sent', 'withheld') then channel_code end) as channel_code,
        max(topic_code) as topic_code,
        min(case when kind_code in ('sent', 'withheld') then occurred_at end) as told_at,
        max(case when kind_code = 'withheld' then 1 else 0 end) as is_withheld,
        max(case when kind_code = 'delivered' then 1 else 0 end) as is_delivered,
        max(case when kind_code in ('opened', 'clicked') then 1 else 0 end) as is_opened,
        min(case when kind_code = 'unsubscribed' then occurred_at end) as switched_off_at
    from happenings
    {# whatever else days on either side tell, a message is the same in each period #}
    where event_date <= {{ add_days('told_date', known_days) }}
    group by business_unit_code, customer_key, campaign_key, message_number, told_date
),

notices as (
    select
        messages.*,
        row_number() over (
            partition by business_unit_code, customer_key, cast(date_trunc('week', told_date) as date)
            order by told_at, campaign_key, message_number
        ) as number_of_week,
        case when switched_off_at < {{ add_seconds('told_at', 86400) }} then 1 else 0 end as is_switched_off
    from messages
),

answered as (
    select
        notices.business_unit_code,
        notices.customer_key,
        notices.told_date,
        notices.channel_code,
        notices.topic_code,
        case when notices.number_of_week >= 4 then '4_plus' else cast(notices.number_of_week as varchar(2)) end as nth_code,
        notices.is_withheld,
        notices.is_delivered,
        notices.is_delivered * notices.is_opened as is_opened,
        notices.is_delivered * notices.is_switched_off as has_switched_off,
        max(case when acts.occurred_at is null then 0 else 1 end) as has_acted
    from notices
    left join {{ ref('fct_content_events') }} as acts
        on acts.customer_key = notices.customer_key
        and acts.business_unit_code = notices.business_unit_code
        and acts.kind_code <> 'view'
        and acts.event_date >= notices.told_date
        and acts.event_date <= {{ add_days('notices.told_date', 1) }}
        and acts.occurred_at > notices.told_at
        and acts.occurred_at <= {{ add_seconds('notices.told_at', 86400) }}
    group by
        notices.business_unit_code, notices.customer_key, notices.campaign_key, notices.message_number, notices.told_date,
        notices.channel_code, notices.topic_code, notices.number_of_week, notices.is_withheld, notices.is_delivered,
        notices.is_opened, notices.is_switched_off
),

told as (
    select
        days.period_grain_code,
        days.period_start,
        answered.*
    from answered
    inner join days on days.calendar_date = answered.told_date
),

persons as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        case
            when grouping(channel_code) = 0 then 'channel'
            when grouping(topic_code) = 0 then 'notification_type'
            when grouping(nth_code) = 0 then 'nth_of_week'
            else 'all'
        end as segment_type_code,
        coalesce(
            case when grouping(channel_code) = 0 then channel_code end,
            case when grouping(topic_code) = 0 then topic_code end,
            case when grouping(nth_code) = 0 then nth_code end,
            'all'
        ) as segment_code,
        customer_key,
        sum(1 - is_withheld) as told_count,
        sum(is_withheld) as withheld_count,
        sum(is_delivered) as delivered_count,
        sum(is_opened) as opened_count,
        sum(has_switched_off) as switched_off_count,
        sum(is_delivered * has_acted) as delivered_acted_count,
        sum((1 - is_withheld) * has_acted) as told_acted_count,
        sum(is_withheld * has_acted) as withheld_acted_count
    from told
    group by grouping sets (
        (business_unit_code, period_grain_code, period_start, customer_key),
        (business_unit_code, period_grain_code, period_start, customer_key, channel_code),
        (business_unit_code, period_grain_code, period_start, customer_key, topic_code),
        (business_unit_code, period_grain_code, period_start, customer_key, nth_code)
    )
),

measured as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        segment_type_code,
        segment_code,
        count(*) as person_count,
        {%- for count in [
            'told_count', 'withheld_count', 'delivered_count', 'opened_count', 'switched_off_count', 'delivered_acted_count',
            'told_acted_count', 'withheld_acted_count',
        ] %}
        sum({{ count }}) as {{ count }},
        {%- endfor %}
        sum(case when told_count > 0 then 1 else 0 end) as told_person_count,
        sum(case when delivered_count > 0 then 1 else 0 end) as delivered_person_count,
        {{ residual_squares('delivered_count', 'told_count') }} as delivered_squares,
        {{ residual_squares('opened_count', 'delivered_count') }} as opened_squares,
        {{ residual_squares('switched_off_count', 'delivered_count') }} as switched_off_squares,
        {{ residual_squares('delivered_acted_count', 'delivered_count') }} as acted_squares,
        {{ residual_squares('told_acted_count', 'told_count') }} as told_squares,
        {{ residual_squares('withheld_acted_count', 'withheld_count') }} as withheld_squares
    from persons
    group by business_unit_code, period_grain_code, period_start, segment_type_code, segment_code
)

{{ share_difference(
    'measured', 'ugc.notification_effect', 'effect', 'told_acted_count', 'told_count', 'told_squares',
    'withheld_acted_count', 'withheld_count', 'withheld_squares', 'person_count',
    where='told_count > 0 and withheld_count > 0',
) }}
union all
{{ variant_row(
    'measured', 'ugc.notification_effect', 'delivery_rate', 'ratio', 'delivered_count', 'told_count', 'delivered_squares',
    units='told_person_count',
) }}
{% for variant, numerator, squares in [
    ('open_rate', 'opened_count', 'opened_squares'),
    ('action_rate', 'delivered_acted_count', 'acted_squares'),
    ('optout_rate', 'switched_off_count', 'switched_off_squares'),
] %}
union all
{{ variant_row(
    'measured', 'ugc.notification_effect', variant, 'ratio', numerator, 'delivered_count', squares,
    units='delivered_person_count',
) }}
{% endfor %}
