{#
    What every fact carries beside what is its own: the unit, and the person after identity resolution.
    `rows` is the alias of the contract's union, and the dimensions are joined under the names below.

        select {{ stamped_with_person('invites') }}, invites.invite_id, …
        from {{ ref('int_invites_unioned') }} as invites
        {{ join_unit('invites') }}
        {{ join_person('invites') }}
        where {{ is_dirty('invites') }}
#}

{% macro stamped(rows) -%}
    {{ rows }}.source_key,
    coalesce(units.business_unit_code, 'unknown') as business_unit_code
{%- endmacro %}

{% macro stamped_with_person(rows) -%}
    {{ stamped(rows) }},
    coalesce(identity_map.customer_key, 'unknown') as customer_key,
    {{ rows }}.source_key || ':' || {{ rows }}.profile_id as identifier_key,
    coalesce(customers.is_internal, 0) as is_internal
{%- endmacro %}

{% macro known_channel() -%}
    coalesce(channels.channel_code, 'unknown') as channel_code
{%- endmacro %}

{% macro join_unit(rows) -%}
    left join {{ ref('dim_business_unit') }} as units
        on units.business_unit_code = coalesce({{ rows }}.business_unit_code, 'unknown')
{%- endmacro %}

{% macro join_person(rows) -%}
    left join {{ source('identity', 'identity_map') }} as identity_map
        on identity_map.source_key = {{ rows }}.source_key
        and identity_map.profile_id = {{ rows }}.profile_id
    left join {{ ref('dim_customer') }} as customers on customers.customer_key = identity_map.customer_key
{%- endmacro %}

{% macro join_channel(rows) -%}
    left join {{ ref('dim_channel') }} as channels on channels.channel_code = {{ rows }}.channel_code
{%- endmacro %}

{# A dimension that a source keeps itself: campaigns, contents, listings, employees. #}
{% macro join_own_dimension(name, rows) -%}
    left join {{ ref('dim_' ~ name) }} as {{ name }}
        on {{ name }}.source_key = {{ rows }}.source_key
        and {{ name }}.{{ name }}_id = {{ rows }}.{{ name }}_id
{%- endmacro %}

{#
    What makes the rows of a stamped fact dirty: the contract's keys that arrived, the unit, and the
    person. `of` lists the source's own dimensions that it joins. `second_person` names the column of
    another profile whose customer it carries.
#}
{% macro dirty_by(contract, id, person=false, of=[], second_person=none) %}
    {%- set keys = {
        'int_' ~ contract ~ '_unioned': ['source_key', id],
        'dim_business_unit': 'select t.source_key, t.' ~ id ~ ' from {this} as t inner join {changed}'
            ~ " on t.business_unit_code in (changed_rows.business_unit_code, 'unknown')",
    } -%}
    {%- if person -%}
        {%- do keys.update({'identity_map': ['identifier_key'], 'dim_customer': ['customer_key']}) -%}
    {%- endif -%}
    {%- if second_person -%}
        {%- do keys.update({'identity_map':
            'select t.source_key, t.' ~ id ~ ' from {this} as t'
            ~ ' where t.identifier_key in (select identifier_key from {changed})'
            ~ ' union select t.source_key, t.' ~ id ~ ' from {this} as t'
            ~ ' where t.' ~ second_person ~ ' in (select identifier_key from {changed})'
        }) -%}
    {%- endif -%}
    {%- for name in of -%}
        {%- do keys.update({'dim_' ~ name: ['source_key', name ~ '_id']}) -%}
    {%- endfor -%}
    {{ return(keys) }}
{% endmacro %}
