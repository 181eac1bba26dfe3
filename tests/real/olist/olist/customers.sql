-- customer_id is new with every order; customer_unique_id is the person, who may have moved
select
    customer_unique_id as profile_id,
    arg_max(customer_city, (order_purchase_timestamp, order_id)) as city,
    min(order_purchase_timestamp) as created_at
from 'olist_customers_dataset.csv.gz'
inner join 'olist_orders_dataset.csv.gz' using (customer_id)
group by customer_unique_id
