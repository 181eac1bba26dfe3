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

{# What became of a profile of the customer, with the customer's key that it had before, or has now. #}
{% macro identity_sentence(moves, language) -%}
    {%- set words = {
        'vi': {
            'merge': ['Hồ sơ ở ', ' được hợp nhất vào khách hàng này, trước đó là khách hàng '],
            'arrived': ['Hồ sơ ở ', ' được tách ra thành khách hàng này, trước đó là khách hàng '],
            'left': ['Hồ sơ ở ', ' được tách khỏi khách hàng này, nay là khách hàng '],
        },
        'en': {
            'merge': ['The profile in ', ' was merged into this customer; it was customer '],
            'arrived': ['The profile in ', ' was split off and is this customer; it was customer '],
            'left': ['The profile in ', ' was split from this customer; it is customer '],
        },
    }[language] -%}
    case
        when {{ moves }}.kind_code = 'merge'
            then '{{ words.merge[0] }}' || {{ moves }}.source_key || '{{ words.merge[1] }}' || {{ moves }}.from_customer_key
        when {{ moves }}.side_code = 'arrived'
            then '{{ words.arrived[0] }}' || {{ moves }}.source_key || '{{ words.arrived[1] }}' || {{ moves }}.from_customer_key
        else '{{ words.left[0] }}' || {{ moves }}.source_key || '{{ words.left[1] }}' || {{ moves }}.to_customer_key
    end
{%- endmacro %}
