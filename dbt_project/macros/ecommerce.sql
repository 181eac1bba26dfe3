{#
    Which months of a unit are dirty by a change of its purchases, of a model that has a row for each month up to the last
    purchase: those that are AFFECTED, those that are there only since there is a later purchase, and those that are not any
    more since there is none.
#}
{% macro months_of_purchases(date, affected) -%}
    {%- set known = "(select distinct business_unit_code, " ~ date ~ " from {changed}) as changed_rows"
        ~ " left join (select business_unit_code, max(purchase_date) as last_date from core.purchase_days"
        ~ " group by business_unit_code) as l on l.business_unit_code = changed_rows.business_unit_code"
        ~ " left join (select business_unit_code, max(month_start) as last_month from {this}"
        ~ " group by business_unit_code) as told on told.business_unit_code = changed_rows.business_unit_code" -%}
    {{ return(
        "select changed_rows.business_unit_code, p.period_start as month_start from " ~ known
        ~ " inner join core.dim_period as p on p.period_grain_code = 'month' and p.period_start <= l.last_date"
        ~ " and (" ~ affected ~ " or p.period_start > coalesce(told.last_month, '-infinity'))"
        ~ " union select t.business_unit_code, t.month_start from " ~ known
        ~ " inner join {this} as t on t.business_unit_code = changed_rows.business_unit_code"
        ~ " where l.last_date is null or t.month_start > l.last_date"
    ) }}
{%- endmacro %}

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
