{{ config(
    unique_key=['source_key', 'observation_id'],
    dirty_from=dirty_by('competitor_observations', 'observation_id'),
    change_carries=['business_unit_code', 'observed_date'],
    indexes=[{'columns': ['observed_date']}],
) }}

select
    {{ stamped('observations') }},
    observations.observation_id,
    observations.competitor_name,
    observations.product_id,
    observations.sku,
    observations.product_name,
    observations.metric_code,
    observations.observed_value,
    coalesce(observations.currency, units.currency) as currency,
    {{ local_time('observations.observed_at', 'units.time_zone') }} as observed_at_local,
    {{ local_date('observations.observed_at', 'units.time_zone') }} as observed_date
from {{ ref('int_competitor_observations_unioned') }} as observations
{{ join_unit('observations') }}
where {{ is_dirty('observations') }}
