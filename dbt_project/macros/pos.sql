{# Whose receipt it is: the loyalty card's, else the receipt's own where it has a phone number. #}
{% macro pos_profile(payload, receipt) -%}
    case
        when {{ json_text(payload, 'loyalty_card') }} is not null
            then 'card:' || {{ json_text(payload, 'loyalty_card') }}
        when {{ json_text(payload, 'phone') }} is not null then 'receipt:' || {{ receipt }}
    end
{%- endmacro %}

{# Whose receipts arrived, by what they say now or said before: a card that is added makes it another's. #}
{% macro pos_buyers(arrived) %}
    select distinct {{ pos_profile('versions.payload', 'versions.record_key') }}
    from {{ source('raw_pos', 'receipts') }} as versions
    where versions.record_key in ({{ arrived }})
        and {{ pos_profile('versions.payload', 'versions.record_key') }} is not null
{% endmacro %}
