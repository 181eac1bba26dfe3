{# The phone of an order that has no customer: its own, else that of the parcel, else that of the invoice. #}
{% macro sapo_phone(payload) -%}
    coalesce(
        nullif({{ json_text(payload, 'phone') }}, ''),
        nullif({{ json_text(payload, 'shipping_address.phone') }}, ''),
        nullif({{ json_text(payload, 'billing_address.phone') }}, '')
    )
{%- endmacro %}

{# A sale at the till may be nobody's; one without an account that tells a phone or an e-mail is a profile of its own. #}
{% macro sapo_profile(payload, order) -%}
    case
        when {{ json_text(payload, 'customer.id') }} <> '' then {{ json_text(payload, 'customer.id') }}
        when {{ sapo_phone(payload) }} is not null or {{ json_text(payload, 'email') }} <> ''
            then 'guest:' || {{ order }}
    end
{%- endmacro %}
