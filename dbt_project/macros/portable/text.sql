{# Free text without what looks like a phone number or an e-mail address. #}
{% macro masked(expression) -%}
    {{ regexp_replaced(
        regexp_replaced(expression, '[^[:space:]@]+@[^[:space:]@]+', '•••@•••'),
        '[+(]?[0-9][0-9 .()/-]{7,}[0-9]', '•••'
    ) }}
{%- endmacro %}

{% macro regexp_replaced(expression, pattern, replacement) %}{{ return(adapter.dispatch('regexp_replaced', 'cx')(expression, pattern, replacement)) }}{% endmacro %}
{% macro default__regexp_replaced(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}
