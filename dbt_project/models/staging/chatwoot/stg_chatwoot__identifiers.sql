with contacts as (
    select record_key as profile_id, payload
    from {{ current_versions('chatwoot', 'contacts') }} as contacts
)

select
    profile_id,
    'phone' as identifier_type,
    {{ json_text('payload', 'phone_number') }} as identifier_value
from contacts
where {{ json_text('payload', 'phone_number') }} <> ''
union all
select
    profile_id,
    'email' as identifier_type,
    {{ json_text('payload', 'email') }} as identifier_value
from contacts
where {{ json_text('payload', 'email') }} <> ''
