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

{#
    The end of a query over the rows of PERSONS, one each: the day on which they had the EVENT (1) or were seen for the last
    time without it (0). Kaplan and Meier's share without the event after each day, by cohort.
#}
{% macro survival_shares(persons, event) %}
{%- set in_cohort = 'over (partition by business_unit_code, curve_code, cohort_grain_code, cohort_start order by day_number' -%}
days as (
    select
        business_unit_code,
        curve_code,
        cohort_grain_code,
        cohort_start,
        day_number,
        sum({{ event }}) as event_count,
        sum(1 - {{ event }}) as censored_count
    from {{ persons }}
    group by business_unit_code, curve_code, cohort_grain_code, cohort_start, day_number
),

risks as (
    {# whoever buys on a day and whoever is seen for the last time on it are both at risk on it #}
    select
        days.*,
        sum(event_count + censored_count) {{ in_cohort }} desc rows unbounded preceding) as at_risk_count
    from days
),

factors as (
    select
        risks.*,
        case when event_count < at_risk_count
            then ln(1 - {{ ratio('event_count', 'at_risk_count') }}) end as log_factor,
        case when event_count = at_risk_count then 1 else 0 end as is_last_event
    from risks
)

select
    business_unit_code,
    curve_code,
    cohort_grain_code,
    cohort_start,
    day_number,
    at_risk_count,
    event_count,
    censored_count,
    case
        when max(is_last_event) {{ in_cohort }} rows unbounded preceding) = 1 then 0
        else round(exp(sum(log_factor) {{ in_cohort }} rows unbounded preceding)), 9)
    end as survival_share
from factors
{% endmacro %}

{#
    What the ANSWERS of a stratum, of which some are MET, tell of all that are in it: each stands for as many as there are for
    one answer. Null where nobody answered and somebody could have.
#}
{% macro stratum_total(size, met, answers) -%}
    case when {{ size }} = 0 then 0 else {{ ratio(size ~ ' * ' ~ met, answers) }} end
{%- endmacro %}

{# The variance of that total: N² · p · (1 − p) / n. #}
{% macro stratum_variance(size, met, answers) -%}
    case
        when {{ size }} = 0 then 0
        else {{ ratio(size ~ ' * ' ~ size ~ ' * ' ~ met ~ ' * (' ~ answers ~ ' - ' ~ met ~ ')', answers ~ ' * ' ~ answers ~ ' * ' ~ answers) }}
    end
{%- endmacro %}

{#
    Squared residuals of PART over PART + REST, two totals that were estimated apart: (1 − r)² · var(part) + r² · var(rest), so that
    the standard error is their root over the sum.
#}
{% macro part_of_sum_squares(part, rest, part_variance, rest_variance) -%}
    {%- set sum = '(' ~ part ~ ' + ' ~ rest ~ ')' -%}
    round(
        {{ ratio(rest ~ ' * ' ~ rest ~ ' * ' ~ part_variance ~ ' + ' ~ part ~ ' * ' ~ part ~ ' * ' ~ rest_variance, sum ~ ' * ' ~ sum) }},
        8
    )
{%- endmacro %}
