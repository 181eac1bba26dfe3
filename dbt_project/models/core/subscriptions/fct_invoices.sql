{{ config(
    unique_key=['source_key', 'invoice_id'],
    dirty_from=dirty_by('invoices', 'invoice_id', person=true),
    change_carries=['customer_key', 'business_unit_code', 'issued_date'],
    indexes=[
        {'columns': ['identifier_key']}, {'columns': ['customer_key']}, {'columns': ['issued_date']},
        {'columns': ['business_unit_code', 'issued_date']},
    ],
) }}

select
    {{ stamped_with_person('invoices') }},
    invoices.invoice_id,
    invoices.subscription_id,
    invoices.kind_code,
    invoices.status_code,
    invoices.issued_at,
    {{ local_date('invoices.issued_at', 'units.time_zone') }} as issued_date,
    {{ local_date('invoices.due_at', 'units.time_zone') }} as due_date,
    {{ local_date('invoices.paid_at', 'units.time_zone') }} as paid_date,
    {{ seconds_between('invoices.due_at', 'invoices.paid_at') }} as late_seconds,
    coalesce(invoices.currency, units.currency) as currency,
    coalesce(invoices.amount, 0) as amount,
    invoices.tax_amount,
    invoices.refund_amount
from {{ ref('int_invoices_unioned') }} as invoices
{{ join_unit('invoices') }}
{{ join_person('invoices') }}
where {{ is_dirty('invoices') }}
