-- the comments are of other tickets, so no reply is known of these; one has the history of its states
with states as (
    select ticket_id, updated, value, lag(value) over (partition by ticket_id order by updated) as former
    from 'dbt_zendesk/ticket_field_history_data.csv'
    where field_name = 'status'
),

histories as (
    select
        ticket_id,
        max(updated) filter (where value = 'solved') as solved_at,
        count(*) filter (where former = 'solved' and value not in ('solved', 'closed')) as reopened_count
    from states
    group by ticket_id
)

select
    tickets.id as conversation_id,
    tickets.via_channel as channel_code,
    tickets.requester_id as profile_id,
    tickets.created_at as opened_at,
    histories.solved_at as resolved_at,
    tickets.status as status_code,
    histories.reopened_count
from 'dbt_zendesk/ticket_data.csv' as tickets
left join histories on histories.ticket_id = tickets.id
where tickets.status <> 'deleted'
