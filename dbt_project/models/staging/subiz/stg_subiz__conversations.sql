with messages as {{ computed_by_each() }} (
    select
        parent_key as conversation_id,
        {{ json_timestamp('payload', 'time') }} as said_at,
        {{ json_text('payload', 'user_type') }} as user_type
    from {{ current_versions('subiz', 'messages') }} as messages
)

select
    chats.record_key as conversation_id,
    'shop_online' as business_unit_code,
    'chat' as channel_code,
    {{ json_text('chats.payload', 'visitor.id') }} as profile_id,
    {{ code_for('topic', 'subiz', json_text('chats.payload', 'tags.0')) }} as topic_code,
    replies.asked_at as opened_at,
    replies.first_reply_at,
    replies.first_human_reply_at,
    case
        when replies.first_human_reply_at is not null
            then {{ json_timestamp('chats.payload', 'session.end_time') }}
    end as resolved_at,
    case when replies.first_human_reply_at is not null then 'closed' else 'open' end as status_code,
    0 as reopened_count,
    replies.message_count
from {{ current_versions('subiz', 'chats') }} as chats
inner join lateral (
    select
        min(asked.asked_at) as asked_at,
        min(messages.said_at) filter (
            where messages.user_type <> 'visitor' and messages.said_at >= asked.asked_at
        ) as first_reply_at,
        min(messages.said_at) filter (
            where messages.user_type = 'agent' and messages.said_at >= asked.asked_at
        ) as first_human_reply_at,
        cast(count(*) as integer) as message_count
    from messages
    cross join (
        select min(said_at) as asked_at
        from messages
        where conversation_id = chats.record_key and user_type = 'visitor'
    ) as asked
    where messages.conversation_id = chats.record_key
) as replies on true
{# a greeting that nobody answered is no conversation #}
where replies.asked_at is not null
