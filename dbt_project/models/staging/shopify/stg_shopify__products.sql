select
    {{ json_text('variants.item', 'id') }} as product_id,
    'shop_online' as business_unit_code,
    nullif({{ json_text('variants.item', 'sku') }}, '') as sku,
    {{ json_text('products.payload', 'title') }}
        {# the only variant of a product is called so #}
        || coalesce(' ' || nullif({{ json_text('variants.item', 'title') }}, 'Default Title'), '') as product_name,
    nullif({{ json_text('products.payload', 'productType') }}, '') as category_name
from {{ current_versions('shopify', 'products') }} as products
cross join {{ json_elements('products.payload', 'variants.nodes', 'variants') }}
