with customers as (
    select record_key as profile_id, payload from {{ current_versions('haravan', 'customers') }} as customers
),

guests as (
    select 'guest:' || record_key as profile_id, payload
    from {{ current_versions('haravan', 'orders') }} as orders
    where coalesce({{ json_text('payload', 'customer.id') }}, '') = ''
),

profiles as (
    select * from customers
    union all
    select * from guests
)

select
    profile_id,
    'phone' as identifier_type,
    {{ json_text('payload', 'phone') }} as identifier_value
from profiles
where {{ json_text('payload', 'phone') }} <> ''
union all
select
    profile_id,
    'email' as identifier_type,
    {{ json_text('payload', 'email') }} as identifier_value
from profiles
where {{ json_text('payload', 'email') }} <> ''
