{{ config(
    unique_key=['customer_key', 'business_unit_code', 'order_date', 'product_code'],
    dirty_key=['customer_key', 'business_unit_code', 'order_date'],
    dirty_from={
        'fct_orders': ['customer_key', 'business_unit_code', 'order_date'],
        'fct_order_lines': 'select o.customer_key, o.business_unit_code, o.order_date from core.fct_orders as o'
            ~ ' inner join {changed} on o.source_key = changed_rows.source_key and o.order_id = changed_rows.order_id',
        'dim_product': 'select o.customer_key, o.business_unit_code, o.order_date from {changed}'
            ~ ' inner join core.fct_order_lines as l on l.source_key = changed_rows.source_key'
            ~ ' and l.product_id = changed_rows.product_id'
            ~ ' inner join core.fct_orders as o on o.source_key = l.source_key and o.order_id = l.order_id',
    },
    indexes=[{'columns': ['business_unit_code', 'product_code']}, {'columns': ['order_date']}],
) }}

with lines as (
    select
        orders.customer_key,
        orders.business_unit_code,
        orders.order_date,
        {# two sources of one unit share an article by its SKU, and by nothing else #}
        coalesce(nullif(products.sku, ''), lines.product_id) as product_code,
        products.category_name,
        lines.quantity,
        lines.gross_amount - coalesce(lines.discount_amount, 0) as net_amount
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('fct_order_lines') }} as lines
        on lines.source_key = orders.source_key
        and lines.order_id = orders.order_id
    left join {{ ref('dim_product') }} as products
        on products.product_key = lines.product_key
        and products.product_key <> 'unknown'
    where orders.is_counted = 1
        and orders.order_date is not null
        and {{ is_dirty('orders', ['customer_key', 'business_unit_code', 'order_date']) }}
)

select
    customer_key,
    business_unit_code,
    order_date,
    product_code,
    max(category_name) as category_name,
    sum(quantity) as unit_count,
    sum(net_amount) as net_amount
from lines
where product_code is not null
group by customer_key, business_unit_code, order_date, product_code
