{{ config(
    unique_key=['source_key', 'message_id'],
    dirty_from=dirty_by('messages', 'message_id', person=true, of=['employee']),
    change_carries=['customer_key', 'business_unit_code', 'sent_date', 'conversation_id'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['sent_date']},
        {'columns': ['source_key', 'employee_id']}, {'columns': ['source_key', 'conversation_id']},
    ],
) }}

select
    {{ stamped_with_person('messages') }},
    {{ known_channel() }},
    messages.message_id,
    messages.conversation_id,
    messages.author_kind_code,
    coalesce(employee.employee_key, 'unknown') as employee_key,
    messages.employee_id,
    messages.is_public,
    length(messages.message_text) as text_length,
    {# whoever writes a phone or an e-mail may be leading the other away from the platform #}
    case when {{ masked('left(messages.message_text, 2000)') }} <> left(messages.message_text, 2000) then 1 else 0 end
        as has_contact,
    messages.sent_at,
    {{ local_time('messages.sent_at', 'units.time_zone') }} as sent_at_local,
    {{ local_date('messages.sent_at', 'units.time_zone') }} as sent_date
from {{ ref('int_messages_unioned') }} as messages
{{ join_unit('messages') }}
{{ join_person('messages') }}
{{ join_channel('messages') }}
{{ join_own_dimension('employee', 'messages') }}
where {{ is_dirty('messages') }}
