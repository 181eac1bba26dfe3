{#
    What a source of rows sends: each record of a stream is a row that is named as the contract names it
    (`include/contracts.py`). `rows_of_<contract>` is the staging of all such sources; a model says which.
#}

{# A key that a source repeats counts once, by its first row; a source without repetitions numbers none. #}
{% macro is_first_of_its_key() -%}
    coalesce({{ json_text('records.payload', '_occurrence') }}, '1') = '1'
{%- endmacro %}

{# A word in our vocabulary: the source's own translation, else ours, which rows may speak already. #}
{% macro code_in_rows(kind, source_name, expression) -%}
    coalesce((
        select code_map.code
        from {{ ref('code_map') }} as code_map
        where code_map.kind = '{{ kind }}'
            and code_map.source_key in ('{{ source_name }}', 'rows')
            and code_map.source_value = {{ expression }}
        order by case when code_map.source_key = 'rows' then 1 else 0 end
        limit 1
    ), 'unknown')
{%- endmacro %}
