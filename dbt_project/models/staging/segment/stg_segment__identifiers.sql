with identifies as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'traits.phone') }} as phone,
        {{ json_text('payload', 'traits.email') }} as email
    from {{ current_versions('segment', 'identifies') }} as identifies
)

{{ phones_and_emails(['identifies']) }}
