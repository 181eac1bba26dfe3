{% set measures = [
    ('web_session_count', 'sessions', 'true'),
    ('web_purchase_count', 'ecommercePurchases', 'true'),
    ('web_purchase_amount', 'purchaseRevenue', "currency = 'VND'"),
] %}
with days as (
    select record_key, payload, {{ json_text('payload', 'currency') }} as currency
    from {{ current_versions('ga4', 'days') }} as days
    where {{ json_text('payload', 'platform') }} = 'web'
        and {{ json_text('payload', 'dataLossFromOtherRow') }} = 'false'
        and {{ json_text('payload', 'subjectToThresholding') }} = 'false'
)

{% for measure_code, metric, condition in measures %}
{{ 'union all' if not loop.first }}
select
    record_key as control_total_id,
    'shop_online' as business_unit_code,
    '{{ measure_code }}' as measure_code,
    cast({{ json_text('payload', 'date') }} as date) as period_date,
    {{ json_number('payload', metric) }} as total_value,
    {{ json_number('payload', 'ecommercePurchases' if metric == 'purchaseRevenue' else metric) }} as record_count
from days
where {{ condition }}
{% endfor %}
