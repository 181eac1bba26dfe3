select
    totals.record_key as control_total_id,
    'shop_counter' as business_unit_code,
    measures.measure_code,
    cast({{ json_text('totals.payload', 'business_date') }} as date) as period_date,
    case measures.measure_code
        when 'order_count' then {{ json_number('totals.payload', 'receipts') }}
        else {{ json_number('totals.payload', 'gross') }}
    end as total_value,
    {{ json_number('totals.payload', 'receipts') }} as record_count
from {{ current_versions('pos', 'totals') }} as totals
cross join (
    select 'order_count' as measure_code
    union all
    select 'gross_amount' as measure_code
) as measures
