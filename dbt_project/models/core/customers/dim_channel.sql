{{ config(unique_key=['channel_code']) }}

select
    channel_code,
    name_vi,
    name_en,
    channel_group_code
from {{ ref('channels') }}
