{{ stack('competitor_observations', [
    'observation_id',
    'business_unit_code',
    'competitor_name',
    'product_id',
    'sku',
    'product_name',
    'metric_code',
    'observed_value',
    'currency',
    'observed_at',
]) }}
