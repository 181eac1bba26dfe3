select
    pairs.record_key as label_id,
    {{ json_text('pairs.payload', 'one') }} as identifier_key,
    {{ json_text('pairs.payload', 'other') }} as other_identifier_key,
    {{ json_text('pairs.payload', 'is_one_person') }} = 'true' as is_one_person,
    cast({{ json_text('pairs.payload', 'labelled_on') }} as date) as labelled_date
from {{ current_versions('clerical', 'pairs') }} as pairs
