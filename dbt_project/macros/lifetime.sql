{#
    The probability that a customer is still there, by the logarithm of the odds that they left after the last
    purchase: a chance of leaving over the purchases WITHSTOOD, times how unlike them the silence since would
    be. Far out, the database would refuse a number too large instead of calling it a large one.
#}
{% macro probability_of_staying(model, withstood) -%}
    1 / (1 + {{ exp_within(
        'ln(cast(' ~ model ~ '.a / (' ~ withstood ~ ') as double precision))'
        ~ ' + cast(' ~ model ~ '.r + aged.repeat_count as double precision) * ln(cast('
        ~ '(' ~ model ~ '.alpha + aged.age_days) / (' ~ model ~ '.alpha + aged.recency_days) as double precision))'
    ) }})
{%- endmacro %}

{# What an amount that comes so many months later is worth today: at ten per cent a year, 1.10^(1/12) − 1 a month. #}
{% macro worth_after(months) -%}
    power(cast(1.10 as double precision), -({{ months }}) / 12)
{%- endmacro %}

{# An exponential that neither overflows nor underflows. #}
{% macro exp_within(expression) -%}
    exp(least(greatest({{ expression }}, -500), 500))
{%- endmacro %}

{# How somebody feels beside what they do (Dick and Basu 1994): a promoter or not, two purchases within a year or not. #}
{% macro loyalty(band, purchase_day_count) -%}
    case
        when {{ band }} is null then null
        when {{ band }} = 'promoter' and coalesce({{ purchase_day_count }}, 0) >= 2 then 'true'
        when {{ band }} = 'promoter' then 'latent'
        when coalesce({{ purchase_day_count }}, 0) >= 2 then 'spurious'
        else 'none'
    end
{%- endmacro %}
