{% set cohort = ['business_unit_code', 'cohort_grain_code', 'cohort_start'] %}
{{ config(
    unique_key=['business_unit_code', 'cohort_grain_code', 'cohort_start', 'kind_code', 'day_number'],
    dirty_key=cohort,
    dirty_from={
        'retention_cells': cohort,
        'data_through': cohorts_followed(['week', 'month'], var('retention_horizon_days') + 7, ['sessions']),
        'dim_business_unit': 'select t.' ~ cohort | join(', t.') ~ ' from core.retention_cells as t inner join {changed}'
            ~ ' on changed_rows.business_unit_code = t.business_unit_code'
            ~ ' union select t.' ~ cohort | join(', t.') ~ ' from {this} as t inner join {changed}'
            ~ ' on changed_rows.business_unit_code = t.business_unit_code',
    },
) }}

select
    cells.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    cells.cohort_grain_code,
    cells.cohort_start,
    cells.kind_code,
    labels.name_vi as kind_name_vi,
    labels.name_en as kind_name_en,
    cells.day_number,
    cells.cohort_size,
    cells.retained_count,
    round({{ ratio('cells.retained_count', 'cells.cohort_size') }}, 6) as retained_share,
    {# the last of the cohort must have been observed for so long #}
    case when {{ add_days('periods.period_end', 'cells.observed_days') }} > known.data_through then 1 else 0 end as is_provisional
from {{ ref('retention_cells') }} as cells
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = cells.business_unit_code
inner join {{ ref('dim_period') }} as periods
    on periods.period_grain_code = cells.cohort_grain_code and periods.period_start = cells.cohort_start
inner join {{ ref('data_through') }} as known
    on known.business_unit_code = cells.business_unit_code and known.process_code = 'sessions'
left join {{ ref('labels') }} as labels on labels.kind = 'retention' and labels.code = cells.kind_code
where {{ is_dirty('cells') }}
