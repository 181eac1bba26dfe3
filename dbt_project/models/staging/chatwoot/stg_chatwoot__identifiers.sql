with contacts as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'phone_number') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('chatwoot', 'contacts') }} as contacts
)

{{ phones_and_emails(['contacts']) }}
