with receipts as (from read_csv('receipts.csv.gz', all_varchar = true))

select
    receipt_no || '-paid' as payment_id,
    receipt_no as order_id,
    'payment' as kind_code,
    case paid_by when 'the' then 'card' else 'other' end as method_code,
    sold_at::timestamp as paid_at,
    total::bigint as amount
from receipts

union all

select
    receipt_no || '-returned',
    receipt_no,
    'refund',
    case paid_by when 'the' then 'card' else 'other' end,
    returned_at::timestamp,
    returned_goods::bigint
from receipts
where returned_at is not null
