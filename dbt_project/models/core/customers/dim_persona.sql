{{ config(unique_key=['persona_code']) }}

select
    persona_code,
    rule_order,
    rule_version,
    name_vi,
    name_en,
    who_vi,
    who_en,
    trigger_vi,
    trigger_en,
    job_vi,
    job_en,
    drivers_vi,
    drivers_en
from {{ ref('personas') }}
