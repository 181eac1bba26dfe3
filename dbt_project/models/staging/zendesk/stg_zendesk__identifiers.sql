with users as (
    select record_key as profile_id, payload
    from {{ current_versions('zendesk', 'users') }} as users
    where {{ json_text('payload', 'role') }} = 'end-user'
)

select
    profile_id,
    'phone' as identifier_type,
    {{ json_text('payload', 'phone') }} as identifier_value
from users
where {{ json_text('payload', 'phone') }} <> ''
union all
select
    profile_id,
    'email' as identifier_type,
    {{ json_text('payload', 'email') }} as identifier_value
from users
where {{ json_text('payload', 'email') }} <> ''
