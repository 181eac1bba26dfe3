select
    'team:' || teams.record_key as profile_id,
    {{ json_text('teams.payload', 'business_unit') }} as business_unit_code,
    cast(null as text) as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    {# what it says counts in no figure of customers #}
    true as is_internal,
    cast(null as {{ type_instant() }}) as created_at
from {{ current_versions('staff', 'teams') }} as teams
