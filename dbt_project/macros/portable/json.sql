{# JSON access: what differs between engines. Paths are dotted. #}
{% macro json_text(column, path) %}{{ return(adapter.dispatch('json_text', 'cx')(column, path)) }}{% endmacro %}

{# A field of the record itself has an operator of its own, which takes half as long; a number is a place in an array. #}
{% macro default__json_text(column, path) -%}
    {%- if modules.re.fullmatch('[A-Za-z_][A-Za-z0-9_]*', path) -%}
    ({{ column }} ->> '{{ path }}')
    {%- else -%}
    ({{ column }} #>> '{ {{- path.split('.') | join(',') -}} }')
    {%- endif -%}
{%- endmacro %}

{# One row per element of an array, as `alias.item`; a record without the array has none. #}
{% macro json_elements(column, path, alias) %}{{ return(adapter.dispatch('json_elements', 'cx')(column, path, alias)) }}{% endmacro %}

{% macro default__json_elements(column, path, alias) -%}
    lateral jsonb_path_query({{ column }}, 'lax $.{{ path }}[*]') as {{ alias }} (item)
{%- endmacro %}

{# A number or null; what is no number never came past the landing. #}
{% macro json_number(column, path) -%}
    cast(nullif({{ json_text(column, path) }}, '') as numeric(18, 4))
{%- endmacro %}

{% macro json_timestamp(column, path) -%}
    cast(nullif({{ json_text(column, path) }}, '') as {{ type_instant() }})
{%- endmacro %}

{# A part of a record, as JSON. #}
{% macro json_part(column, path) %}{{ return(adapter.dispatch('json_part', 'cx')(column, path)) }}{% endmacro %}

{% macro default__json_part(column, path) -%}
    ({{ column }} #> '{ {{- path.split('.') | join(',') -}} }')
{%- endmacro %}

{# A record in which the fields of another stand for its own; null changes nothing. #}
{% macro json_merged(column, other) %}{{ return(adapter.dispatch('json_merged', 'cx')(column, other)) }}{% endmacro %}

{% macro default__json_merged(column, other) -%}
    ({{ column }} || coalesce({{ other }}, '{}'))
{%- endmacro %}

{# An instant that a source gives as a number since 1970, of which UNITS are a second. #}
{% macro json_epoch(column, path, units=1) %}{{ return(adapter.dispatch('json_epoch', 'cx')(column, path, units)) }}{% endmacro %}

{% macro default__json_epoch(column, path, units) -%}
    to_timestamp({{ json_number(column, path) }} / {{ units }})
{%- endmacro %}

{# A length of time that a source writes as ISO 8601 does (`PT5M33S`), in seconds. #}
{% macro json_duration(column, path) %}{{ return(adapter.dispatch('json_duration', 'cx')(column, path)) }}{% endmacro %}

{% macro default__json_duration(column, path) -%}
    extract(epoch from cast(nullif({{ json_text(column, path) }}, '') as interval))
{%- endmacro %}

{# An instant that a source writes in UTC without saying so; an offset that stands there is not read. #}
{% macro json_utc(column, path) %}{{ return(adapter.dispatch('json_utc', 'cx')(column, path)) }}{% endmacro %}

{% macro default__json_utc(column, path) -%}
    (cast(nullif({{ json_text(column, path) }}, '') as timestamp) at time zone 'UTC')
{%- endmacro %}

{# One row per part of a text with a separator, as `alias.item`; an empty text has none. #}
{% macro text_parts(expression, separator, alias) %}{{ return(adapter.dispatch('text_parts', 'cx')(expression, separator, alias)) }}{% endmacro %}

{% macro default__text_parts(expression, separator, alias) -%}
    lateral unnest(string_to_array(nullif({{ expression }}, ''), '{{ separator }}')) as {{ alias }} (item)
{%- endmacro %}

{#
    What a text stands for in a short list, whose KEYs and VALUEs come out of ROWS; of a key that is there twice, the value
    of the higher RANK. The list is read once: asked for each row, it would be read for each.
#}
{% macro looked_up(expression, key, value, rows, rank=none) %}{{ return(adapter.dispatch('looked_up', 'cx')(expression, key, value, rows, rank)) }}{% endmacro %}

{% macro default__looked_up(expression, key, value, rows, rank) -%}
    (select jsonb_object_agg({{ key }}, {{ value }}{{ ' order by ' ~ rank if rank }}) {{ rows }}) ->> cast({{ expression }} as text)
{%- endmacro %}
