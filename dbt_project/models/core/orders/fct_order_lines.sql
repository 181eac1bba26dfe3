{{ config(
    unique_key=['source_key', 'order_id', 'line_id'],
    dirty_key=['source_key', 'order_id'],
    dirty_from={
        'int_orders_unioned': ['source_key', 'order_id'],
        'int_order_lines_unioned': ['source_key', 'order_id'],
        'identity_map': ['identifier_key'],
        'dim_product': ['source_key', 'product_id'],
        'dim_business_unit': "select t.source_key, t.order_id from {this} as t inner join {changed}"
            ~ " on t.business_unit_code in (changed_rows.business_unit_code, 'unknown')",
    },
    indexes=[{'columns': ['identifier_key']}, {'columns': ['source_key', 'product_id']}],
) }}

select
    lines.source_key,
    lines.order_id,
    lines.line_id,
    {# a line whose order is missing keeps its place in every total, without a date #}
    case when orders.order_id is null then 0 else 1 end as has_order,
    coalesce(units.business_unit_code, 'unknown') as business_unit_code,
    coalesce(identity_map.customer_key, 'unknown') as customer_key,
    orders.source_key || ':' || orders.profile_id as identifier_key,
    {{ local_date('orders.ordered_at', 'units.time_zone') }} as order_date,
    coalesce(products.product_key, 'unknown') as product_key,
    lines.product_id,
    lines.product_name,
    lines.quantity,
    lines.unit_price,
    lines.discount_amount,
    lines.shipping_amount,
    lines.quantity * lines.unit_price as gross_amount,
    lines.copy_number
from {{ ref('int_order_lines_unioned') }} as lines
left join {{ ref('int_orders_unioned') }} as orders
    on orders.source_key = lines.source_key
    and orders.order_id = lines.order_id
    and {{ is_dirty('orders') }}
left join {{ ref('dim_business_unit') }} as units
    on units.business_unit_code = coalesce(orders.business_unit_code, 'unknown')
left join {{ source('identity', 'identity_map') }} as identity_map
    on identity_map.source_key = orders.source_key
    and identity_map.profile_id = orders.profile_id
left join {{ ref('dim_product') }} as products
    on products.source_key = lines.source_key
    and products.product_id = lines.product_id
where {{ is_dirty('lines') }}
