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

{#
    What the interval of a ratio of sums is made of (rule R3): the squares, over independent units, of
    what a unit's numerator has more than VALUE times its denominator. A unit is a person where orders
    are counted, an answer where one counts once. WEIGHT is the unit's denominator, 1 where it is itself.
#}
{% macro residual_squares(amount, weight='1') -%}
    {%- set value = ratio('sum(' ~ amount ~ ')', 'sum(' ~ weight ~ ')') -%}
    round(
        sum({{ amount }} * {{ amount }})
        - 2 * {{ value }} * sum({{ amount }} * {{ weight }})
        + {{ value }} * {{ value }} * sum({{ weight }} * {{ weight }}),
        8
    )
{%- endmacro %}

{# The standard error of a ratio of sums, linearised: the closed form of a bootstrap by unit. #}
{% macro standard_error(residual_squares, denominator) -%}
    sqrt(greatest({{ residual_squares }}, 0)) / nullif({{ denominator }}, 0)
{%- endmacro %}
