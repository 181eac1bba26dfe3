-- One hundredth of the orders: late changes spread over the last 30 percent, new ones, and deletions.
with updated as (
    update core.bench_orders
    set refund_amount = net_amount, net_amount = 0, status_code = 'returned', change_number = {batch},
        batch_id = {batch}
    where (order_id::bigint % 2000000 = 0)
        or (order_id::bigint > 1000000000 + {rows} * 7
            and order_id::bigint % 10 = 0 and order_id::bigint / 10 % 43 = {batch})
    returning source_key, order_id
),
inserted as (
    insert into core.bench_orders
    select
        source_key, (order_id::bigint + {batch})::text, order_number, business_unit_code, channel_code,
        customer_key, identifier_key, product_key, ordered_at_local, order_date, 'open', is_counted,
        payment_method_code, currency, gross_amount, discount_amount, refund_amount, net_amount,
        shipping_amount, tax_amount, unit_count, product_count, null, promised_at_local, null,
        promised_date, null, null, {batch}, {batch}
    from core.bench_orders
    where order_id::bigint % 4000 = 0
    returning source_key, order_id
),
deleted as (
    delete from core.bench_orders
    where order_id::bigint <= 1000000000 + {rows} * 7 and order_id::bigint % 14000 = {batch} * 10
    returning source_key, order_id
)
insert into changed.bench_orders
select {batch}, 'u', source_key, order_id from updated
union all
select {batch}, 'i', source_key, order_id from inserted
union all
select {batch}, 'd', source_key, order_id from deleted;

with updated as (
    update core.bench_products
    set change_number = {batch}, batch_id = {batch}
    where product_key <= {rows} / 200000 or product_key % 100 = {batch}
    returning product_key
)
insert into changed.bench_products select {batch}, 'u', product_key from updated;

analyze core.bench_orders, changed.bench_orders, changed.bench_products;
