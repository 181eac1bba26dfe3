-- what invoices take back, at the date of the credit note; the file has no other payments
select
    InvoiceNo as payment_id,
    InvoiceNo as order_id,
    'refund' as kind_code,
    min(InvoiceDate) as paid_at,
    -sum(Quantity * UnitPrice::decimal(18, 3)) as amount
from 'online_retail.parquet'
group by InvoiceNo
having bool_and(Quantity < 0 or UnitPrice < 0) and amount <> 0
