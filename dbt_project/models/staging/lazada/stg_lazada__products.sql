select
    {{ json_text('skus.item', 'SkuId') }} as product_id,
    'shop_online' as business_unit_code,
    {{ json_text('skus.item', 'SellerSku') }} as sku,
    {{ json_text('products.payload', 'attributes.name') }} || coalesce(
        {# a variant is told by a property, of which a few have two #}
        (
            select ' ' || nullif(concat_ws(' ', min(properties.told), nullif(max(properties.told), min(properties.told))), '')
            from (
                select {{ json_text('property.item', '') }} as told
                from {{ json_elements('skus.item', 'saleProp.*', 'property') }}
            ) as properties
        ),
        ''
    ) as product_name,
    {{ json_text('products.payload', 'category_name') }} as category_name
from {{ current_versions('lazada', 'products') }} as products
cross join {{ json_elements('products.payload', 'skus', 'skus') }}
