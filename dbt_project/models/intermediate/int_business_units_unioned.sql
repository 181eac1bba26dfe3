with inbox as (
    {{ stack('business_units', [
        'business_unit_code',
        'name_vi',
        'name_en',
        'business_type_code',
        'stage_code',
        'currency',
        'time_zone',
    ]) }}
)

select *
from inbox
{# a unit that is a row of ours is what our row says #}
where not exists (
    select 1 from {{ ref('business_units') }} as ours where ours.business_unit_code = inbox.business_unit_code
)
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
