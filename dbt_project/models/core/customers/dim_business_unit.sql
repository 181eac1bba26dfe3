{{ config(unique_key=['business_unit_code']) }}

select
    business_unit_code,
    name_vi,
    name_en,
    business_type_code,
    stage_code,
    currency,
    time_zone
from {{ ref('int_business_units_unioned') }}
union all
select
    'unknown' as business_unit_code,
    'Chưa xác định' as name_vi,
    'Unknown' as name_en,
    'unknown' as business_type_code,
    'unknown' as stage_code,
    '{{ var("reporting_currency") }}' as currency,
    '{{ var("company_time_zone") }}' as time_zone
