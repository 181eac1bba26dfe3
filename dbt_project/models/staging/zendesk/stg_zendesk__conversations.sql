with tickets as (
    select record_key as conversation_id, payload
    from {{ current_versions('zendesk', 'tickets') }} as tickets
    where coalesce({{ json_text('payload', 'status') }}, '') <> 'deleted'
),

comments as {{ computed_by_each() }} (
    select
        comments.parent_key as conversation_id,
        {{ json_timestamp('comments.payload', 'created_at') }} as created_at,
        coalesce({{ json_text('comments.payload', 'via.channel') }}, '') = 'answer_bot' as is_bot,
        {{ json_text('comments.payload', 'public') }} = 'true' as is_public,
        {# who is not known is taken for a customer: a colleague in copy answers nothing #}
        coalesce({{ json_text('users.payload', 'role') }}, 'end-user') <> 'end-user' as is_staff
    from {{ current_versions('zendesk', 'comments') }} as comments
    left join {{ current_versions('zendesk', 'users') }} as users
        on users.record_key = {{ json_text('comments.payload', 'author_id') }}
)

select
    tickets.conversation_id,
    'shop_online' as business_unit_code,
    {{ code_for('channel', 'zendesk', json_text('tickets.payload', 'via.channel')) }} as channel_code,
    {{ json_text('tickets.payload', 'requester_id') }} as profile_id,
    {{ code_for('topic', 'zendesk', json_text('tickets.payload', 'tags.0')) }} as topic_code,
    {# the wait begins when the customer first wrote, not when an agent opened the ticket #}
    replies.asked_at as opened_at,
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
    replies.message_count
from tickets
inner join lateral (
    {# a reply is public, by staff and after the customer wrote; a private note is none #}
    select
        min(asked.asked_at) as asked_at,
        min(comments.created_at) filter (
            where comments.is_public and comments.is_staff and comments.created_at >= asked.asked_at
        ) as first_reply_at,
        min(comments.created_at) filter (
            where comments.is_public and comments.is_staff and not comments.is_bot
                and comments.created_at >= asked.asked_at
        ) as first_human_reply_at,
        cast(count(*) as integer) as message_count
    from comments
    cross join (
        select min(created_at) as asked_at
        from comments
        where conversation_id = tickets.conversation_id and not is_staff
    ) as asked
    where comments.conversation_id = tickets.conversation_id
) as replies on true
{# a ticket in which only agents wrote is a message to a customer, and waits for no reply of ours #}
where replies.asked_at is not null
