with visitors as (
    select record_key as profile_id, payload
    from {{ current_versions('subiz', 'visitors') }} as visitors
)

select
    profile_id,
    'phone' as identifier_type,
    {{ json_text('payload', 'phone') }} as identifier_value
from visitors
where {{ json_text('payload', 'phone') }} <> ''
union all
select
    profile_id,
    'email' as identifier_type,
    {{ json_text('payload', 'email') }} as identifier_value
from visitors
where {{ json_text('payload', 'email') }} <> ''
