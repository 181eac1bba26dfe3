select
    products.record_key as product_id,
    'shop_online' as business_unit_code,
    {{ json_text('products.payload', 'sku') }} as sku,
    {{ json_text('products.payload', 'name') }} as product_name,
    {{ json_text('products.payload', 'categories.0.name') }} as category_name
from {{ current_versions('woocommerce', 'products') }} as products
