with users as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('zendesk', 'users') }} as users
    where {{ json_text('payload', 'role') }} = 'end-user'
)

{{ phones_and_emails(['users']) }}
