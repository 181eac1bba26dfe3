{{ config(
    unique_key=['source_key', 'record_key', 'profile_id', 'identifier_type', 'place'],
    dirty_key=['source_key', 'record_key'],
    dirty_from={'int_identifiers_unioned': ['source_key', 'record_key']},
    indexes=[{'columns': ['profile_id']}],
) }}

with said as (
    select distinct source_key, record_key, profile_id, identifier_type, identifier_value
    from {{ ref('int_identifiers_unioned') }} as said
    {# a longer id is no id, and a longer value none that anybody types #}
    where length(profile_id) <= 200 and length(identifier_value) <= 320 and {{ is_dirty('said') }}
)

select
    source_key,
    record_key,
    profile_id,
    identifier_type,
    {# not the value: what changed is logged by its key, and a log is no place for a phone #}
    row_number() over (
        partition by source_key, record_key, profile_id, identifier_type order by identifier_value
    ) as place,
    identifier_value
from said
