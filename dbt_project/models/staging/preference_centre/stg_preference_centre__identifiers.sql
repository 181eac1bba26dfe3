with subjects as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('preference_centre', 'subjects') }} as subjects
)

{{ phones_and_emails(['subjects']) }}
