-- a review_id may stand for several orders, and an order may have several reviews: none is dropped
select
    review_id as feedback_id,
    'email' as channel_code,
    customer_unique_id as profile_id,
    order_id,
    'csat' as kind_code,
    'one_to_five' as scale_code,
    review_score as score,
    review_comment_message as comment_text,
    review_creation_date as invited_at,
    review_answer_timestamp as answered_at
from 'olist_order_reviews_dataset.csv.gz'
inner join 'olist_orders_dataset.csv.gz' using (order_id)
inner join 'olist_customers_dataset.csv.gz' using (customer_id)
