{% set cohort = ['business_unit_code', 'cohort_grain_code', 'cohort_start'] %}
{{ config(
    unique_key=['business_unit_code', 'curve_code', 'cohort_grain_code', 'cohort_start', 'day_number'],
    dirty_key=cohort,
    dirty_from={
        'survival_curves': cohort,
        'data_through': cohorts_followed(['month', 'quarter'], 365, ['sessions', 'content']),
        'dim_business_unit': 'select t.' ~ cohort | join(', t.') ~ ' from core.survival_curves as t inner join {changed}'
            ~ ' on changed_rows.business_unit_code = t.business_unit_code'
            ~ ' union select t.' ~ cohort | join(', t.') ~ ' from {this} as t inner join {changed}'
            ~ ' on changed_rows.business_unit_code = t.business_unit_code',
    },
) }}

select
    curves.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    curves.curve_code,
    labels.name_vi as curve_name_vi,
    labels.name_en as curve_name_en,
    curves.cohort_grain_code,
    curves.cohort_start,
    curves.day_number,
    curves.at_risk_count,
    curves.event_count,
    curves.censored_count,
    curves.survival_share,
    1 - curves.survival_share as event_share,
    {# a day that not all of the cohort have been followed for is estimated from those who have #}
    case when {{ add_days('periods.period_end', 'curves.day_number') }} > known.data_through then 1 else 0 end as is_provisional
from {{ ref('survival_curves') }} as curves
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = curves.business_unit_code
inner join {{ ref('dim_period') }} as periods
    on periods.period_grain_code = curves.cohort_grain_code and periods.period_start = curves.cohort_start
inner join {{ ref('data_through') }} as known
    on known.business_unit_code = curves.business_unit_code
    and known.process_code = case when curves.curve_code = 'first_contribution' then 'content' else 'sessions' end
left join {{ ref('labels') }} as labels on labels.kind = 'curve' and labels.code = curves.curve_code
where {{ is_dirty('curves') }}
