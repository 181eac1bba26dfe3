{#
    The straight line of least squares over the points (X, Y) of the rows that are MET: its slope, its intercept, or the
    share of Y's variance that it explains (r2). A point without an X or a Y is left out.
#}
{% macro line_of(y, x, met, part) -%}
    regr_{{ part }}(case when {{ met }} then {{ y }} end, {{ x }})
{%- endmacro %}

{# A number of so many PLACES; PostgreSQL rounds no floating point so. #}
{% macro rounded(expression, places) %}{{ return(adapter.dispatch('rounded', 'cx')(expression, places)) }}{% endmacro %}
{% macro default__rounded(expression, places) -%}round({{ expression }}, {{ places }}){%- endmacro %}
{% macro postgres__rounded(expression, places) -%}round(cast({{ expression }} as numeric), {{ places }}){%- endmacro %}
