with messages as {{ computed_by_each() }} (
    select
        parent_key as conversation_id,
        {{ json_epoch('payload', 'created_at') }} as said_at,
        {{ json_text('payload', 'message_type') }} = '0' as is_customer,
        coalesce({{ json_text('payload', 'sender.type') }}, '') = 'user' as is_agent
    from {{ current_versions('chatwoot', 'messages') }} as messages
    {# a note among staff is no reply, and neither an activity nor a survey is a message #}
    where {{ json_text('payload', 'message_type') }} <> '2'
        and coalesce({{ json_text('payload', 'content_type') }}, '') <> 'input_csat'
        and {{ json_text('payload', 'private') }} = 'false'
)

select
    conversations.record_key as conversation_id,
    'sales_software' as business_unit_code,
    {{ code_for('channel', 'chatwoot', json_text('conversations.payload', 'meta.channel')) }} as channel_code,
    {{ json_text('conversations.payload', 'meta.sender.id') }} as profile_id,
    {{ code_for('topic', 'chatwoot', json_text('conversations.payload', 'labels.0')) }} as topic_code,
    {# the wait begins when the customer first wrote, not when an agent opened the conversation #}
    coalesce(replies.asked_at, {{ json_epoch('conversations.payload', 'created_at') }}) as opened_at,
    replies.first_reply_at,
    replies.first_human_reply_at,
    case
        when {{ json_text('conversations.payload', 'status') }} = 'resolved'
            then {{ json_epoch('conversations.payload', 'last_activity_at') }}
    end as resolved_at,
    case {{ json_text('conversations.payload', 'status') }}
        when 'resolved' then 'solved'
        when 'snoozed' then 'pending'
        else {{ json_text('conversations.payload', 'status') }}
    end as status_code,
    0 as reopened_count,
    coalesce(replies.message_count, 0) as message_count
from {{ current_versions('chatwoot', 'conversations') }} as conversations
left join lateral (
    select
        min(asked.asked_at) as asked_at,
        min(messages.said_at) filter (
            where not messages.is_customer and messages.said_at >= asked.asked_at
        ) as first_reply_at,
        min(messages.said_at) filter (
            where messages.is_agent and messages.said_at >= asked.asked_at
        ) as first_human_reply_at,
        cast(count(*) as integer) as message_count
    from messages
    cross join (
        select min(said_at) as asked_at
        from messages
        where conversation_id = conversations.record_key and is_customer
    ) as asked
    where messages.conversation_id = conversations.record_key
) as replies on true
