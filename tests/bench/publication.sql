-- A fact of {rows} rows in the shape of core.fct_orders, and a dimension, as dbt leaves them: with
-- their batch and the log of what changed. Every 200,000th order and its product are marked: whatever
-- is published changes them all, so a reader who sees two numbers among them sees a mixed state. Ids
-- go up in tens, so that there is room for new ones between them.
create table core.bench_orders (
    source_key varchar(64) not null,
    order_id varchar(256) not null,
    order_number varchar(128) not null,
    business_unit_code varchar(64) not null,
    channel_code varchar(64) not null,
    customer_key varchar(64) not null,
    identifier_key varchar(256) not null,
    product_key integer not null,
    ordered_at_local timestamp not null,
    order_date date not null,
    status_code varchar(32) not null,
    is_counted smallint not null,
    payment_method_code varchar(32) not null,
    currency varchar(3) not null,
    gross_amount numeric(18, 4) not null,
    discount_amount numeric(18, 4) not null,
    refund_amount numeric(18, 4) not null,
    net_amount numeric(18, 4) not null,
    shipping_amount numeric(18, 4) not null,
    tax_amount numeric(18, 4) not null,
    unit_count numeric(18, 4) not null,
    product_count integer not null,
    delivered_at_local timestamp,
    promised_at_local timestamp,
    delivered_date date,
    promised_date date,
    is_late smallint,
    delivery_seconds bigint,
    change_number bigint not null,
    batch_id bigint not null
) with (fillfactor = 90);

insert into core.bench_orders
select
    'haravan', (1000000000 + n * 10)::text, 'DH' || n, 'shop_online',
    (array['website', 'app', 'facebook'])[1 + n % 3], md5((n % 400000)::text),
    'haravan/' || n % 400000, case when n % 200000 = 0 then n / 200000 else n % 50000 end,
    placed_at, placed_at::date, 'delivered', 1, (array['cod', 'card', 'wallet'])[1 + n % 3], 'VND',
    amount, amount / 10, 0, amount - amount / 10, 25000, 0, 1 + n % 3, 1 + n % 2,
    placed_at + interval '3 days', placed_at + interval '4 days', placed_at::date + 3,
    placed_at::date + 4, 0, 259200, 0, {batch}
from generate_series(1, {rows}) as n
cross join lateral (
    select 100000 + n % 900000 as amount, timestamp '2024-01-01' + n * interval '31 seconds' as placed_at
);

create table core.bench_products as
select n as product_key, 'product ' || n as product_name, 0::bigint as change_number, {batch}::bigint as batch_id
from generate_series(0, 50000) as n;

alter table core.bench_orders add primary key (source_key, order_id);
alter table core.bench_products add primary key (product_key);
create table changed.bench_orders as
select batch_id, 'i'::"char" as op, source_key, order_id from core.bench_orders;
create table changed.bench_products as
select batch_id, 'i'::"char" as op, product_key from core.bench_products;
create index on changed.bench_orders (batch_id);
create index on changed.bench_products (batch_id);
analyze core.bench_orders, core.bench_products, changed.bench_orders, changed.bench_products;
