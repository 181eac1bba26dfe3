with customers as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('stripe', 'customers') }} as customers
)

{{ phones_and_emails(['customers']) }}
