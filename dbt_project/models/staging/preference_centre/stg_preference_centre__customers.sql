select
    subjects.record_key as profile_id,
    {{ json_text('subjects.payload', 'brand') }} as business_unit_code,
    {{ json_text('subjects.payload', 'name') }} as full_name,
    cast(null as integer) as birth_year,
    cast(null as text) as city,
    false as is_internal,
    {{ json_timestamp('subjects.payload', 'created_at') }} as created_at
from {{ current_versions('preference_centre', 'subjects') }} as subjects
