{# Behind `as` of a common table expression: it is computed once, and not for each row that it is joined to. #}
{% macro computed_once() %}{{ return(adapter.dispatch('computed_once', 'cx')()) }}{% endmacro %}
{% macro default__computed_once() -%}{%- endmacro %}
{% macro postgres__computed_once() -%}materialized{%- endmacro %}
