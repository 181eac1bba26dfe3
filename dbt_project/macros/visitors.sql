{#
    The device or cookie of an event in its business unit. Readers never see the cookie itself, by which its
    owner would be found in the tracker; it is random and long, so that its hash cannot be found by trying.
    What a server tells is of nobody's visit: an order that is shipped a week later would begin another. Nor is what
    comes of a unit that no row tells of: it has no zone, so no day on which a visit could have begun.
#}
{% macro visitor_key(rows) -%}
    case
        when {{ rows }}.anonymous_id is null or {{ rows }}.platform_code = 'server' or {{ rows }}.occurred_at is null
            or units.business_unit_code is null
            then 'unknown'
        else md5({{ rows }}.source_key || ':' || coalesce(units.business_unit_code, 'unknown') || ':' || {{ rows }}.anonymous_id)
    end
{%- endmacro %}
