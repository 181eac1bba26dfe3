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

{#
    A code, tag or path without a Vietnamese phone number (0, 84 or +84, and nine digits) or an e-mail address:
    unlike `masked`, it leaves the long numbers that products and campaigns have for their names.
#}
{% macro masked_code(expression) -%}
    {%- set gap = '(?:[ .+-]|%20)?' -%}
    {{ regexp_replaced(
        regexp_replaced(expression, '[^/]*(@|%40)[^/]*', '•••'),
        '(?<![0-9a-zA-Z])(?:0|(?:[+]|%2[bB]|00)?84' ~ gap ~ '0?)' ~ gap ~ '[235789](?:' ~ gap ~ '[0-9]){8}(?![0-9])', '•••'
    ) }}
{%- endmacro %}

{# The path of an address: without the host, the query, the fragment, and what is an e-mail, a handle or a phone. #}
{% macro url_path(expression) -%}
    {{ masked_code(regexp_replaced(
        regexp_replaced(expression, '^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*', ''), '[?#].*$', ''
    )) }}
{%- endmacro %}

{# The host of an address; null for what is none. #}
{% macro url_host(expression) -%}
    nullif({{ regexp_extracted(expression, '^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)') }}, '')
{%- endmacro %}

{# What the one group of a pattern matches where it is first found; null where it is nowhere. #}
{% macro regexp_extracted(expression, pattern) %}{{ return(adapter.dispatch('regexp_extracted', 'cx')(expression, pattern)) }}{% endmacro %}
{% macro default__regexp_extracted(expression, pattern) -%}
    substring({{ expression }} from '{{ pattern }}')
{%- endmacro %}

{% macro regexp_replaced(expression, pattern, replacement) %}{{ return(adapter.dispatch('regexp_replaced', 'cx')(expression, pattern, replacement)) }}{% endmacro %}
{% macro default__regexp_replaced(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{# A text in small letters without Vietnamese accents, whether they are letters of their own or marks behind them. #}
{% macro unaccented(expression) %}{{ return(adapter.dispatch('unaccented', 'cx')(expression)) }}{% endmacro %}
{% macro default__unaccented(expression) -%}
    translate(
        lower(normalize({{ expression }}, NFC)),
        'àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđð',
        'aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyydd'
    )
{%- endmacro %}

{# A text whose words stand one space apart, with none around them. #}
{% macro one_spaced(expression) -%}
    trim({{ regexp_replaced(expression, '[[:space:]]+', ' ') }})
{%- endmacro %}

{# A province's name as `include.identity.values.normalise_province` gives it: without accents and titles. #}
{% macro province_word(expression) -%}
    {{ regexp_replaced(
        'trim(' ~ regexp_replaced(unaccented(expression), '[^a-z]+', ' ') ~ ')',
        '^(thanh pho |tinh |tp )+|( city| province)+$', ''
    ) }}
{%- endmacro %}

{# The texts of a group, one after the other. #}
{% macro joined_text(expression) %}{{ return(adapter.dispatch('joined_text', 'cx')(expression)) }}{% endmacro %}
{% macro default__joined_text(expression) %}string_agg({{ expression }}, ', ' order by {{ expression }}){% endmacro %}

{# What stands behind the first slash of a text; all of it where there is none. #}
{% macro after_slash(expression) -%}
    substring({{ expression }} from position('/' in {{ expression }}) + 1)
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
