select
    {{ json_text('variants.item', 'id') }} as product_id,
    'shop_online' as business_unit_code,
    {{ json_text('variants.item', 'sku') }} as sku,
    {{ json_text('products.payload', 'title') }} as product_name,
    {{ json_text('products.payload', 'product_type') }} as category_name
from {{ current_versions('sapo', 'products') }} as products
cross join {{ json_elements('products.payload', 'variants', 'variants') }}
