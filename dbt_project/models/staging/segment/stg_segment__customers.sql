select
    identifies.record_key as profile_id,
    {{ code_for('business_unit', 'segment', json_text('identifies.payload', 'projectId')) }} as business_unit_code,
    {{ json_text('identifies.payload', 'traits.name') }} as full_name,
    {{ plausible_year(json_number('identifies.payload', 'traits.birthYear')) }} as birth_year,
    cast(null as text) as city,
    false as is_internal,
    coalesce(
        {{ json_timestamp('identifies.payload', 'traits.createdAt') }},
        {{ json_timestamp('identifies.payload', 'timestamp') }}
    ) as created_at
from {{ current_versions('segment', 'identifies') }} as identifies
