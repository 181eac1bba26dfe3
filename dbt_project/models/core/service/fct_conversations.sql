{{ config(
    unique_key=['source_key', 'conversation_id'],
    dirty_from={
        'int_conversations_unioned': ['source_key', 'conversation_id'],
        'identity_map': ['identifier_key'],
        'dim_customer': ['customer_key'],
        'dim_business_unit': "select t.source_key, t.conversation_id from {this} as t inner join {changed}"
            ~ " on t.business_unit_code in (changed_rows.business_unit_code, 'unknown')",
    },
    change_carries=['customer_key', 'business_unit_code', 'opened_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['opened_date']},
        {'columns': ['business_unit_code', 'opened_date']},
    ],
) }}

with conversations as (
    select
        conversations.*,
        coalesce(units.business_unit_code, 'unknown') as known_business_unit_code,
        {{ local_time('conversations.opened_at', 'units.time_zone') }} as opened_at_local,
        {{ local_time('conversations.first_human_reply_at', 'units.time_zone') }} as replied_at_local
    from {{ ref('int_conversations_unioned') }} as conversations
    left join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = coalesce(conversations.business_unit_code, 'unknown')
    where {{ is_dirty('conversations') }}
),

open_hours as (
    {# the part of the wait that fell into service hours, over all working days that it touches #}
    select
        conversations.source_key,
        conversations.conversation_id,
        sum(greatest(0, {{ seconds_between(
            'greatest(conversations.opened_at_local, dates.calendar_date + hours.opens_at)',
            'least(conversations.replied_at_local, dates.calendar_date + hours.closes_at)'
        ) }})) as waited_seconds
    from conversations
    inner join {{ ref('dim_date') }} as dates
        on dates.calendar_date between cast(conversations.opened_at_local as date)
            and cast(conversations.replied_at_local as date)
        and dates.is_holiday = 0
    inner join {{ ref('service_hours') }} as hours on hours.day_of_week = dates.day_of_week
    group by conversations.source_key, conversations.conversation_id
)

select
    conversations.source_key,
    conversations.conversation_id,
    conversations.known_business_unit_code as business_unit_code,
    coalesce(channels.channel_code, 'unknown') as channel_code,
    coalesce(identity_map.customer_key, 'unknown') as customer_key,
    conversations.source_key || ':' || conversations.profile_id as identifier_key,
    conversations.topic_code,
    conversations.status_code,
    coalesce(customers.is_internal, 0) as is_internal,
    conversations.opened_at,
    conversations.opened_at_local,
    cast(conversations.opened_at_local as date) as opened_date,
    {{ seconds_between('conversations.opened_at', 'conversations.first_human_reply_at') }} as first_response_seconds,
    case
        when conversations.first_human_reply_at is not null then coalesce(open_hours.waited_seconds, 0)
    end as first_response_business_seconds,
    {{ seconds_between('conversations.opened_at', 'conversations.first_reply_at') }} as first_response_any_seconds,
    {{ seconds_between('conversations.opened_at', 'conversations.resolved_at') }} as resolution_seconds,
    conversations.reopened_count,
    conversations.message_count
from conversations
left join {{ ref('dim_channel') }} as channels on channels.channel_code = conversations.channel_code
left join {{ source('identity', 'identity_map') }} as identity_map
    on identity_map.source_key = conversations.source_key
    and identity_map.profile_id = conversations.profile_id
left join {{ ref('dim_customer') }} as customers on customers.customer_key = identity_map.customer_key
left join open_hours
    on open_hours.source_key = conversations.source_key
    and open_hours.conversation_id = conversations.conversation_id
