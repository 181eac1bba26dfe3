with customers as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('haravan', 'customers') }} as customers
),

guests as (
    select
        record_key,
        'guest:' || record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('haravan', 'orders') }} as orders
    where coalesce({{ json_text('payload', 'customer.id') }}, '') = ''
)

{{ phones_and_emails(['customers', 'guests']) }}
