{{ stack('business_units', [
    'business_unit_code',
    'name_vi',
    'name_en',
    'business_type_code',
    'stage_code',
    'currency',
    'time_zone',
]) }}
union all
select
    'seeds' as source_key,
    business_unit_code,
    name_vi,
    name_en,
    business_type_code,
    stage_code,
    currency,
    time_zone
from {{ ref('business_units') }}
