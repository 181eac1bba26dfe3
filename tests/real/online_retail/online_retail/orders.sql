with invoices as (
    select
        InvoiceNo,
        any_value(CustomerID) as customer_id,
        -- 43 invoices run over into the next minute
        min(InvoiceDate) as invoiced_at,
        sum(Quantity * UnitPrice::decimal(18, 3)) as amount,
        bool_and(Quantity < 0 or UnitPrice < 0) as takes_back
    from 'online_retail.parquet'
    group by InvoiceNo
)

select
    InvoiceNo as order_id,
    'website' as channel_code,
    customer_id as profile_id,
    invoiced_at as ordered_at,
    -- cancellations (C…), bad debts (A…) and stock written off sell nothing; payments.sql has their sums
    case when takes_back then 'credit_note' else 'delivered' end as status_code,
    'GBP' as currency,
    case when takes_back then 0 else amount end as gross_amount
from invoices
