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
