select
    receipt_no as order_id,
    receipt_no as order_number,
    'store' as channel_code,
    member_no as profile_id,
    sold_at::timestamp as ordered_at,
    case when returned_at is null then 'delivered' else 'returned' end as status_code,
    case paid_by when 'the' then 'card' else 'other' end as payment_method_code,
    'VND' as currency,
    goods::bigint as gross_amount,
    discount::bigint as discount_amount,
    0 as shipping_amount,
    0 as tax_amount,
    sold_at::timestamp as delivered_at
from read_csv('receipts.csv.gz', all_varchar = true)
