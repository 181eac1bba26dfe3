{# Behind `as` of a common table expression: it is computed once, and not for each row that it is joined to. #}
{% macro computed_once() %}{{ return(adapter.dispatch('computed_once', 'cx')()) }}{% endmacro %}
{% macro default__computed_once() -%}{%- endmacro %}
{% macro postgres__computed_once() -%}materialized{%- endmacro %}

{# The same, where rows are found faster by each that reads them than kept for all. #}
{% macro computed_by_each() %}{{ return(adapter.dispatch('computed_by_each', 'cx')()) }}{% endmacro %}
{% macro default__computed_by_each() -%}{%- endmacro %}
{% macro postgres__computed_by_each() -%}not materialized{%- endmacro %}
