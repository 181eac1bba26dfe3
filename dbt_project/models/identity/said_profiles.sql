{{ config(
    unique_key=['source_key', 'contract_code', 'record_id', 'profile_id'],
    dirty_key=['source_key', 'contract_code', 'record_id'],
    dirty_from=dirty_by_appearances(),
    indexes=[{'columns': ['profile_id']}],
) }}

{% for contract, (id, at) in appearances().items() %}
{{ 'union all' if not loop.first }}
select
    said.source_key,
    said.contract_code,
    said.record_id,
    said.profile_id,
    min(said.seen_at) as seen_at,
    min(said.full_name) as full_name,
    min(said.birth_year) as birth_year
from (
    select
        source_key,
        '{{ contract }}' as contract_code,
        {{ id }} as record_id,
        profile_id,
        {{ at }} as seen_at,
        {{ 'full_name' if contract == 'customers' else 'cast(null as varchar)' }} as full_name,
        {{ 'birth_year' if contract == 'customers' else 'cast(null as integer)' }} as birth_year
    from {{ ref('int_' ~ contract ~ '_unioned') }}
) as said
{# a longer id is no id: its facts are of nobody known #}
where said.profile_id is not null and length(said.profile_id) <= 200 and {{ is_dirty('said') }}
group by said.source_key, said.contract_code, said.record_id, said.profile_id
{% endfor %}
