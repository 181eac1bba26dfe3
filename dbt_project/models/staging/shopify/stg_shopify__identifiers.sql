with customers as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'defaultPhoneNumber.phoneNumber') }} as phone,
        {{ json_text('payload', 'defaultEmailAddress.emailAddress') }} as email
    from {{ current_versions('shopify', 'customers') }} as customers
),

{# a guest's order is a profile of its own #}
guests as (
    select
        record_key,
        'guest:' || record_key as profile_id,
        {{ json_text('payload', 'phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('shopify', 'orders') }} as orders
    where coalesce({{ json_text('payload', 'customer.id') }}, '') = ''
        and coalesce({{ json_text('payload', 'test') }}, 'false') <> 'true'
)

{{ phones_and_emails(['customers', 'guests']) }}
