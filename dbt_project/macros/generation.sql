{# Generations by birth year; an unknown year is a bucket of its own and never guessed. #}
{% macro generation(birth_year) -%}
    case
        when {{ birth_year }} is null then 'unknown'
        when {{ birth_year }} <= 1945 then 'senior'
        when {{ birth_year }} <= 1964 then 'boomer'
        when {{ birth_year }} <= 1980 then 'x'
        when {{ birth_year }} <= 1996 then 'millennial'
        when {{ birth_year }} <= 2012 then 'z'
        else 'alpha'
    end
{%- endmacro %}

{# A year in which somebody alive can have been born, else null. #}
{% macro plausible_year(expression) -%}
    cast(case when {{ expression }} between 1900 and 2100 then {{ expression }} end as integer)
{%- endmacro %}
