select
    {{ json_text('skus.item', 'id') }} as product_id,
    'shop_online' as business_unit_code,
    {{ json_text('skus.item', 'seller_sku') }} as sku,
    {{ json_text('products.payload', 'title') }}
    {%- for place in range(3) %}
        || coalesce(' ' || nullif({{ json_text('skus.item', 'sales_attributes.' ~ place ~ '.value_name') }}, ''), '')
    {%- endfor %} as product_name,
    (
        select max({{ json_text('chain.item', 'local_name') }})
        from {{ json_elements('products.payload', 'category_chains', 'chain') }}
        where {{ json_text('chain.item', 'is_leaf') }} = 'true'
    ) as category_name
from {{ current_versions('tiktok_shop', 'products') }} as products
cross join {{ json_elements('products.payload', 'skus', 'skus') }}
