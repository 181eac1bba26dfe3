select
    records.scope || '/' || {{ json_text('records.payload', 'profile_id') }} as profile_id,
    {{ json_text('records.payload', 'identifier_type') }} as identifier_type,
    {{ json_text('records.payload', 'identifier_value') }} as identifier_value
from {{ current_versions('files', 'identifiers') }} as records
where {{ json_text('records.payload', '_occurrence') }} = '1'
