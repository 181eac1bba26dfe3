-- a payment has no time of its own: the order's approval, or the order itself, stands for it
select
    order_id || '-' || payment_sequential as payment_id,
    order_id,
    'payment' as kind_code,
    case payment_type
        when 'credit_card' then 'card'
        when 'debit_card' then 'card'
        when 'boleto' then 'transfer'
        when 'voucher' then 'voucher'
        when 'not_defined' then 'other'
        else payment_type
    end as method_code,
    coalesce(order_approved_at, order_purchase_timestamp) as paid_at,
    payment_value::decimal(18, 2) as amount
from 'olist_order_payments_dataset.csv.gz'
inner join 'olist_orders_dataset.csv.gz' using (order_id)
