-- What was bought, and for how much, is not in the file: nothing but that there was an order. It is published at no
-- amount, so what is told of the value of these orders says nothing.
with sessions as (
    select
        row_number() over () as visitor,
        strptime(column10[:3] || ' 2017', '%b %Y') as began_at,
        column17 as has_revenue
    from read_csv('online_shoppers_intention.csv', header = false)
)

select
    visitor as order_id,
    'website' as channel_code,
    began_at + interval '30 hours 10 minutes' as ordered_at,
    'USD' as currency
from sessions
where has_revenue
