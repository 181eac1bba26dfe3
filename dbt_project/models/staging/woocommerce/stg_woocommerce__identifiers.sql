with customers as (
    select
        record_key,
        record_key as profile_id,
        {{ json_text('payload', 'billing.phone') }} as phone,
        {{ json_text('payload', 'email') }} as email
    from {{ current_versions('woocommerce', 'customers') }} as customers
),

{# a guest's order is a profile of its own #}
guests as (
    select
        record_key,
        'guest:' || record_key as profile_id,
        {{ json_text('payload', 'billing.phone') }} as phone,
        {{ json_text('payload', 'billing.email') }} as email
    from {{ current_versions('woocommerce', 'orders') }} as orders
    where {{ json_text('payload', 'customer_id') }} = '0'
)

{{ phones_and_emails(['customers', 'guests']) }}
