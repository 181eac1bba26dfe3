{% macro rows_of_payments(source_name) %}
select
    records.scope || '/' || {{ json_text('records.payload', 'payment_id') }} as payment_id,
    records.parent_key as order_id,
    coalesce({{ json_text('records.payload', 'kind_code') }}, 'payment') as kind_code,
    {{ code_in_rows('payment_method', source_name, json_text('records.payload', 'method_code')) }} as method_code,
    {{ json_timestamp('records.payload', 'paid_at') }} as paid_at,
    {{ json_number('records.payload', 'amount') }} as amount
from {{ current_versions(source_name, 'payments') }} as records
where {{ is_first_of_its_key() }}
{% endmacro %}
