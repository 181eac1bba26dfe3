{{ config(
    unique_key=['source_key', 'control_total_id', 'measure_code'],
    dirty_key=['source_key', 'control_total_id'],
    dirty_from={'int_control_totals_unioned': ['source_key', 'control_total_id']},
    change_carries=['business_unit_code', 'measure_code', 'month_start'],
) }}

select
    totals.source_key,
    totals.control_total_id,
    coalesce(totals.business_unit_code, 'unknown') as business_unit_code,
    totals.measure_code,
    totals.period_date,
    cast(date_trunc('month', totals.period_date) as date) as month_start,
    totals.total_value
from {{ ref('int_control_totals_unioned') }} as totals
where {{ is_dirty('totals') }}
