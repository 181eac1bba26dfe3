with messages as {{ computed_by_each() }} (
    select
        record_key as message_id,
        parent_key as conversation_id,
        payload,
        {{ json_epoch('payload', 'time', 1000) }} as said_at,
        {{ json_text('payload', 'src') }} = '1' as is_customer
    from {{ current_versions('zalo_oa', 'messages') }} as messages
)

select
    beginnings.conversation_id,
    'shop_online' as business_unit_code,
    'zalo' as channel_code,
    {{ json_text('beginnings.payload', 'user_id') }} as profile_id,
    'unknown' as topic_code,
    replies.asked_at as opened_at,
    replies.replied_at as first_reply_at,
    replies.replied_at as first_human_reply_at,
    cast(null as {{ type_instant() }}) as resolved_at,
    'open' as status_code,
    0 as reopened_count,
    replies.message_count
from messages as beginnings
inner join lateral (
    select
        min(asked.asked_at) as asked_at,
        min(messages.said_at) filter (where not messages.is_customer and messages.said_at >= asked.asked_at)
            as replied_at,
        cast(count(*) as integer) as message_count
    from messages
    cross join (
        select min(said_at) as asked_at
        from messages
        where conversation_id = beginnings.conversation_id and is_customer
    ) as asked
    where messages.conversation_id = beginnings.conversation_id
) as replies on true
{# what the account sends unasked, and nobody answers, is no conversation #}
where beginnings.message_id = beginnings.conversation_id and replies.asked_at is not null
