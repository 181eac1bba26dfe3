{% macro rows_of_invoices(source_name) %}
select
    records.parent_key as invoice_id,
    records.scope as business_unit_code,
    {{ row_reference('subscription_id') }} as subscription_id,
    {{ row_reference('profile_id') }} as profile_id,
    coalesce({{ row_text('kind_code') }}, 'recurring') as kind_code,
    {{ row_instant('issued_at') }} as issued_at,
    {{ row_instant('due_at') }} as due_at,
    {{ row_instant('paid_at') }} as paid_at,
    coalesce({{ row_text('status_code') }}, 'open') as status_code,
    {{ row_number_of('amount') }} as amount,
    coalesce({{ row_number_of('tax_amount') }}, 0) as tax_amount,
    coalesce({{ row_number_of('refund_amount') }}, 0) as refund_amount,
    {{ row_text('currency') }} as currency
{{ first_rows_of(source_name, 'invoices') }}
{% endmacro %}
