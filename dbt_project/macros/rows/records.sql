{#
    What a source of rows sends: each record of a stream is a row that is named as the contract names it
    (`include/contracts.py`). `rows_of_<contract>` is the staging of all such sources; a model says which.
#}

{#
    A key that a source repeats counts once, by its first row; a source without repetitions numbers none. Said so that the
    planner expects nearly all rows to be one: of rows where an expression equals something it expects one in two hundred, and
    would look up each of millions by itself.
#}
{% macro is_first_of_its_key() -%}
    case when coalesce({{ json_text('records.payload', '_occurrence') }}, '1') = '1' then 1 end is not null
{%- endmacro %}

{% macro first_rows_of(source_name, contract) -%}
    from {{ current_versions(source_name, contract) }} as records
    where {{ is_first_of_its_key() }}
{%- endmacro %}

{# The columns of a row: what is empty is null; what is of another type never came past the landing. #}
{% macro row_text(name) %}nullif({{ json_text('records.payload', name) }}, ''){% endmacro %}
{% macro row_number_of(name) %}{{ json_number('records.payload', name) }}{% endmacro %}
{% macro row_instant(name) %}{{ json_timestamp('records.payload', name) }}{% endmacro %}
{% macro row_date(name) %}cast({{ row_text(name) }} as date){% endmacro %}

{# 1, 0 or null #}
{% macro row_flag(name) -%}
    case when cast({{ row_text(name) }} as boolean) then 1 when not cast({{ row_text(name) }} as boolean) then 0 end
{%- endmacro %}

{# An id that is unique within its business unit, made unique within its source. #}
{% macro row_reference(name) %}records.scope || '/' || {{ row_text(name) }}{% endmacro %}

{# A word in our vocabulary: the source's own translation, else ours, which rows may speak already. #}
{% macro code_in_rows(kind, source_name, expression) -%}
    coalesce({{ looked_up(
        expression, 'code_map.source_value', 'code_map.code', of_the_code_map(kind, [source_name, 'rows']),
        "case when code_map.source_key = 'rows' then 0 else 1 end",
    ) }}, 'unknown')
{%- endmacro %}
