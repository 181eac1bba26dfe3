{# Whose receipt it is: the loyalty card's, else the receipt's own where it has a phone number. #}
{% macro pos_profile(payload, receipt) -%}
    case
        when {{ json_text(payload, 'loyalty_card') }} is not null
            then 'card:' || {{ json_text(payload, 'loyalty_card') }}
        when {{ json_text(payload, 'phone') }} is not null then 'receipt:' || {{ receipt }}
    end
{%- endmacro %}
