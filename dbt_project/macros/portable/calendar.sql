{# One row per day from START to before END. #}
{% macro date_spine(start, end) %}{{ return(adapter.dispatch('date_spine', 'cx')(start, end)) }}{% endmacro %}
{% macro default__date_spine(start, end) -%}
    select cast(day as date) as calendar_date
    from generate_series(date '{{ start }}', date '{{ end }}' - 1, interval '1 day') as day
{%- endmacro %}

{% macro half_start(date) -%}
    cast(date_trunc('year', {{ date }}) + case when extract(month from {{ date }}) > 6 then interval '6 months' else interval '0 months' end as date)
{%- endmacro %}

{% macro day_name(date, language) -%}
    case extract(isodow from {{ date }})
    {%- set names = {
        'vi': ['Thứ Hai', 'Thứ Ba', 'Thứ Tư', 'Thứ Năm', 'Thứ Sáu', 'Thứ Bảy', 'Chủ Nhật'],
        'en': ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
    }[language] %}
    {%- for name in names %} when {{ loop.index }} then '{{ name }}'{% endfor %} end
{%- endmacro %}

{# One row per whole number from FIRST to LAST, as `number`. #}
{% macro number_series(first, last) %}{{ return(adapter.dispatch('number_series', 'cx')(first, last)) }}{% endmacro %}
{% macro default__number_series(first, last) -%}
    generate_series({{ first }}, {{ last }}) as numbers (number)
{%- endmacro %}
