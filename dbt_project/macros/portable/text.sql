{# Free text without what looks like a phone number or an e-mail address. #}
{% macro masked(expression) -%}
    {{ regexp_replaced(
        regexp_replaced(expression, '[^[:space:]]+@[^[:space:]]+', '•••@•••'),
        '[+(]?[0-9][0-9 .()/-]{7,}[0-9]', '•••'
    ) }}
{%- endmacro %}

{# A text without spaces around it; null for none, and for one that a marketplace masked with asterisks. #}
{% macro unmasked(expression) -%}
    case when {{ expression }} not like '%*%' then nullif(trim({{ expression }}), '') end
{%- endmacro %}

{# The path of an address: without the host, the query, the fragment, and what is an e-mail or a handle. #}
{% macro url_path(expression) -%}
    {{ regexp_replaced(
        regexp_replaced(
            regexp_replaced(expression, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*', ''), '[?#].*$', ''
        ),
        '[^/]*(@|%40)[^/]*', '•••'
    ) }}
{%- endmacro %}

{# The host of an address; null for what is none. #}
{% macro url_host(expression) -%}
    nullif({{ regexp_replaced(
        expression, '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*).*|.*)$', '\\1'
    ) }}, '')
{%- endmacro %}

{% macro regexp_replaced(expression, pattern, replacement) %}{{ return(adapter.dispatch('regexp_replaced', 'cx')(expression, pattern, replacement)) }}{% endmacro %}
{% macro default__regexp_replaced(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{# A number as people write it: 1,234,567 in English, 1.234.567 in Vietnamese; DECIMALS of them. #}
{% macro grouped_number(expression, language, decimals=0) %}{{ return(adapter.dispatch('grouped_number', 'cx')(expression, language, decimals)) }}{% endmacro %}
{% macro default__grouped_number(expression, language, decimals) -%}
    {%- set english = "to_char(" ~ expression ~ ", 'FM999,999,999,999,990" ~ ('.' ~ '0' * decimals if decimals else '') ~ "')" -%}
    {{ "translate(" ~ english ~ ", ',.', '.,')" if language == 'vi' else english }}
{%- endmacro %}

{# Money in words: dongs have no decimals and a sign of their own in Vietnamese. #}
{% macro money(amount, currency, language) -%}
    case
        when {{ currency }} = 'VND' then {{ grouped_number(amount, language) }} || '{{ ' ₫' if language == 'vi' else ' VND' }}'
        else {{ grouped_number(amount, language, 2) }} || ' ' || {{ currency }}
    end
{%- endmacro %}
