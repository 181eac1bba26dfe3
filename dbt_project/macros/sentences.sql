{#
    The sentence of a contact: what is not known leaves no gap, and no colon at its end.
#}
{% macro sentence(told, language) -%}
    rtrim({{ regexp_replaced(
        "replace(replace(replace(replace("
        ~ told ~ ".sentence_" ~ language ~ ", '{amount}', coalesce(" ~ money(told ~ '.amount', told ~ '.currency', language) ~ ", ''))"
        ~ ", '{channel}', " ~ told ~ ".channel_name_" ~ language ~ ")"
        ~ ", '{subject}', coalesce(" ~ told ~ ".subject_name_" ~ language ~ ", ''))"
        ~ ", '{outcome}', coalesce(" ~ told ~ ".outcome_name_" ~ language ~ ", ''))",
        '  +', ' '
    ) }}, ': ')
{%- endmacro %}

{# What became of a profile, by the keys that the customers had then. #}
{% macro identity_sentence(moves, language) -%}
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
    '{{ words[0] }}' || {{ moves }}.source_key || case {{ moves }}.kind_code
        when 'merge' then '{{ words[1] }}' || {{ moves }}.to_customer_key || '{{ words[2] }}' || {{ moves }}.from_customer_key
        else '{{ words[3] }}' || {{ moves }}.from_customer_key || '{{ words[4] }}' || {{ moves }}.to_customer_key
    end
{%- endmacro %}
