with messages as {{ computed_by_each() }} (
    select
        record_key as message_id,
        parent_key as conversation_id,
        payload,
        {{ json_epoch('payload', 'create_time') }} as said_at,
        {{ json_text('payload', 'sender.role') }} as author
    from {{ current_versions('tiktok_shop', 'messages') }} as messages
)

select
    beginnings.conversation_id,
    'shop_online' as business_unit_code,
    'tiktok_shop' as channel_code,
    {{ json_text('beginnings.payload', 'user_id') }} as profile_id,
    'unknown' as topic_code,
    replies.asked_at as opened_at,
    replies.first_reply_at,
    replies.first_human_reply_at,
    cast(null as {{ type_instant() }}) as resolved_at,
    'open' as status_code,
    0 as reopened_count,
    replies.message_count
from messages as beginnings
inner join lateral (
    select
        min(asked.asked_at) as asked_at,
        {# what TikTok itself says in the shop's name answers nobody #}
        min(messages.said_at) filter (
            where messages.author not in ('BUYER', 'SYSTEM') and messages.said_at >= asked.asked_at
        ) as first_reply_at,
        min(messages.said_at) filter (
            where messages.author in ('CUSTOMER_SERVICE', 'SHOP') and messages.said_at >= asked.asked_at
        ) as first_human_reply_at,
        cast(count(*) filter (where messages.author <> 'SYSTEM') as integer) as message_count
    from messages
    cross join (
        select min(said_at) as asked_at
        from messages
        where conversation_id = beginnings.conversation_id and author = 'BUYER'
    ) as asked
    where messages.conversation_id = beginnings.conversation_id
) as replies on true
{# what the shop sends unasked, and nobody answers, is no conversation #}
where beginnings.message_id = beginnings.conversation_id and replies.asked_at is not null
