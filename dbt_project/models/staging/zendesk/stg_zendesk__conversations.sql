with tickets as (
    select record_key as conversation_id, payload
    from {{ current_versions('zendesk', 'tickets') }} as tickets
    where {{ json_text('payload', 'status') }} <> 'deleted'
),

comments as (
    select
        parent_key as conversation_id,
        {{ json_timestamp('payload', 'created_at') }} as created_at,
        {{ json_text('payload', 'author_id') }} as author_id,
        {{ json_text('payload', 'via.channel') }} = 'answer_bot' as is_bot,
        {{ json_text('payload', 'public') }} = 'true' as is_public
    from {{ current_versions('zendesk', 'comments') }} as comments
)

select
    tickets.conversation_id,
    'shop_online' as business_unit_code,
    {{ code_for('channel', 'zendesk', json_text('tickets.payload', 'via.channel')) }} as channel_code,
    {{ json_text('tickets.payload', 'requester_id') }} as profile_id,
    {{ code_for('topic', 'zendesk', json_text('tickets.payload', 'tags.0')) }} as topic_code,
    {{ json_timestamp('tickets.payload', 'created_at') }} as opened_at,
    replies.first_reply_at,
    replies.first_human_reply_at,
    case
        when {{ json_text('tickets.payload', 'status') }} in ('solved', 'closed')
            then {{ json_timestamp('tickets.payload', 'metric_set.solved_at') }}
    end as resolved_at,
    case {{ json_text('tickets.payload', 'status') }}
        when 'hold' then 'pending' else {{ json_text('tickets.payload', 'status') }}
    end as status_code,
    cast(coalesce({{ json_number('tickets.payload', 'metric_set.reopens') }}, 0) as integer) as reopened_count,
    coalesce(replies.message_count, 0) as message_count
from tickets
left join lateral (
    {# a reply is public and from somebody else than the customer; a private note is none #}
    select
        min(comments.created_at) filter (
            where comments.is_public and comments.author_id <> {{ json_text('tickets.payload', 'requester_id') }}
        ) as first_reply_at,
        min(comments.created_at) filter (
            where comments.is_public and not comments.is_bot
                and comments.author_id <> {{ json_text('tickets.payload', 'requester_id') }}
        ) as first_human_reply_at,
        cast(count(*) as integer) as message_count
    from comments
    where comments.conversation_id = tickets.conversation_id
) as replies on true
