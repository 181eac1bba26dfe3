{# The rules of the metric definitions that hold for all metrics, once. #}

{# Rule R2: a ratio is divided once, last, and is null when nobody was asked. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as numeric) / nullif({{ denominator }}, 0)
{%- endmacro %}

{# Rule R3: Wilson's 95 % interval without continuity correction; SIGN is -1 or 1. #}
{% macro wilson(numerator, denominator, sign) -%}
    {%- set z = '1.959964' -%}
    case when {{ denominator }} > 0 then
        (
            {{ ratio(numerator, denominator) }} + {{ z }} * {{ z }} / (2.0 * {{ denominator }})
            + ({{ sign }}) * {{ z }} * sqrt(
                {{ ratio(numerator, denominator) }} * (1 - {{ ratio(numerator, denominator) }}) / {{ denominator }}
                + {{ z }} * {{ z }} / (4.0 * {{ denominator }} * {{ denominator }})
            )
        ) / (1 + {{ z }} * {{ z }} / {{ denominator }})
    end
{%- endmacro %}

{# The standard error of a mean from the sum and the sum of squares of N values. #}
{% macro standard_error(total, squares, n) -%}
    case when {{ n }} > 0 then
        sqrt(greatest({{ ratio(squares, n) }} - {{ ratio(total, n) }} * {{ ratio(total, n) }}, 0) / {{ n }})
    end
{%- endmacro %}
