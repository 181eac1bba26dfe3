with visitors as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('subiz', 'visitors') }} as visitors
)

{{ phones_and_emails(['visitors']) }}
