{% set currency = json_text('invoices.payload', 'currency') %}
{% set refunded = json_number('invoices.payload', 'charge.amount_refunded') %}
select
    invoices.record_key as invoice_id,
    'sales_software' as business_unit_code,
    {{ json_text('invoices.payload', 'subscription') }} as subscription_id,
    {{ json_text('invoices.payload', 'customer') }} as profile_id,
    case {{ json_text('invoices.payload', 'billing_reason') }}
        when 'manual' then 'one_off'
        when 'subscription_threshold' then 'usage'
        else 'recurring'
    end as kind_code,
    coalesce(
        {{ json_epoch('invoices.payload', 'status_transitions.finalized_at') }},
        {{ json_epoch('invoices.payload', 'created') }}
    ) as issued_at,
    {{ json_epoch('invoices.payload', 'due_date') }} as due_at,
    {{ json_epoch('invoices.payload', 'status_transitions.paid_at') }} as paid_at,
    case
        when {{ refunded }} > 0 and {{ refunded }} >= {{ json_number('invoices.payload', 'amount_paid') }}
            then 'refunded'
        else {{ json_text('invoices.payload', 'status') }}
    end as status_code,
    {# a credit larger than the invoice is kept for the next one: nothing is billed #}
    {{ stripe_amount('greatest(' ~ json_number('invoices.payload', 'total') ~ ', 0)', currency) }} as amount,
    {{ stripe_amount('greatest(coalesce(' ~ json_number('invoices.payload', 'tax') ~ ', 0), 0)', currency) }}
        as tax_amount,
    {{ stripe_amount('coalesce(' ~ refunded ~ ', 0)', currency) }} as refund_amount,
    upper({{ currency }}) as currency
from {{ current_versions('stripe', 'invoices') }} as invoices
