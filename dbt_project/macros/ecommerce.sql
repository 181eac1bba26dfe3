{# Whether an event is the view of a product: said to be one, or a page or screen that is of a product. #}
{% macro is_product_view(rows) -%}
    case
        when {{ rows }}.product_id is null then 0
        when {{ rows }}.event_name = 'Product Viewed' or {{ rows }}.kind_code in ('page', 'screen') then 1
        else 0
    end
{%- endmacro %}

{# The gross margins that the company has stated, one row per unit; where none is, no row. #}
{% macro stated_margins() -%}
    {%- for unit, share in var('gross_margin_shares', {}).items() %}
    {{ 'union all' if not loop.first }}
    select '{{ unit }}' as business_unit_code, cast({{ share }} as numeric) as margin_share
    {%- else %}
    select cast(null as varchar) as business_unit_code, cast(null as numeric) as margin_share where false
    {%- endfor %}
{%- endmacro %}
