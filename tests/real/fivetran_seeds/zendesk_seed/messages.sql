select
    comments.id as message_id,
    comments.ticket_id as conversation_id,
    comments.created as sent_at,
    case when users.role <> 'end-user' then 'agent' else 'customer' end as author_kind_code,
    case when users.role <> 'end-user' then comments.user_id end as employee_id,
    comments.public as is_public,
    comments.body as message_text
from 'dbt_zendesk/ticket_comment_data.csv' as comments
left join 'dbt_zendesk/user_data.csv' as users on users.id = comments.user_id
