{#
    The sentence of a contact. What stands in square brackets is told only where the placeholder in it is known:
    "Placed an order[ of {amount}][ on {channel}]".
#}
{% macro sentence(told, language) -%}
    {%- set known = {
        'amount': money(told ~ '.amount', told ~ '.currency', language),
        'channel': 'case when ' ~ told ~ ".channel_code <> 'unknown' then " ~ told ~ '.channel_name_' ~ language ~ ' end',
        'subject': told ~ '.subject_name_' ~ language,
        'outcome': 'case when ' ~ told ~ ".outcome_code <> 'unknown' then " ~ told ~ '.outcome_name_' ~ language ~ ' end',
    } -%}
    {%- set filled = [told ~ '.sentence_' ~ language] -%}
    {%- for name, words in known.items() -%}
        {%- do filled.append('replace(' ~ filled[-1] ~ ", '{" ~ name ~ "}', coalesce(" ~ words ~ ", '{}'))") -%}
    {%- endfor -%}
    {%- set whole = regexp_replaced(filled[-1], '[[][^]]*[{][}][^]]*[]]', '') -%}
    replace(replace({{ whole }}, '[', ''), ']', '')
{%- endmacro %}

{# What became of a profile of a source, by the keys that the customers had then. #}
{% macro identity_sentence(moves, source, language) -%}
    {%- set words = {
        'vi': [
            'Hồ sơ ở ', ' được hợp nhất vào khách hàng ', ', trước đó là khách hàng ',
            ' được tách khỏi khách hàng ', ' và thành khách hàng ',
        ],
        'en': [
            'The profile in ', ' was merged into customer ', '; it had been customer ',
            ' was split from customer ', ' and became customer ',
        ],
    }[language] -%}
    '{{ words[0] }}' || coalesce({{ source }}.name_{{ language }}, {{ moves }}.source_key) || case {{ moves }}.kind_code
        when 'merge' then '{{ words[1] }}' || {{ moves }}.to_customer_key || '{{ words[2] }}' || {{ moves }}.from_customer_key
        else '{{ words[3] }}' || {{ moves }}.from_customer_key || '{{ words[4] }}' || {{ moves }}.to_customer_key
    end
{%- endmacro %}
