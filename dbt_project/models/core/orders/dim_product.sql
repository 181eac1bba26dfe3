{{ config(
    unique_key=['product_key'],
    dirty_key=['source_key', 'product_id'],
    change_carries=['source_key', 'product_id'],
) }}

select
    products.source_key || ':' || products.product_id as product_key,
    products.source_key,
    products.product_id,
    coalesce(products.business_unit_code, 'unknown') as business_unit_code,
    products.sku,
    products.product_name,
    products.category_name
from {{ ref('int_products_unioned') }} as products
union all
select
    'unknown' as product_key,
    'unknown' as source_key,
    'unknown' as product_id,
    'unknown' as business_unit_code,
    cast(null as text) as sku,
    'Chưa xác định / Unknown' as product_name,
    cast(null as text) as category_name
