{{ config(unique_key=['touchpoint_code']) }}

select
    touchpoint_code,
    interaction_kind_code,
    channel_code,
    journey_stage_code,
    name_vi,
    name_en,
    owner_vi,
    owner_en,
    standard_vi,
    standard_en
from {{ ref('touchpoints') }}
