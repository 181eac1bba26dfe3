{# an item without variants is sold as its variant 0, as orders write it #}
select
    products.record_key || '/0' as product_id,
    'shop_online' as business_unit_code,
    {{ json_text('products.payload', 'item_sku') }} as sku,
    {{ json_text('products.payload', 'item_name') }} as product_name,
    {{ json_text('products.payload', 'category_name') }} as category_name
from {{ current_versions('shopee', 'products') }} as products
where coalesce({{ json_text('products.payload', 'has_model') }}, 'false') <> 'true'
union all
select
    products.record_key || '/' || {{ json_text('models.item', 'model_id') }} as product_id,
    'shop_online' as business_unit_code,
    coalesce(
        nullif({{ json_text('models.item', 'model_sku') }}, ''), {{ json_text('products.payload', 'item_sku') }}
    ) as sku,
    {{ json_text('products.payload', 'item_name') }}
        || coalesce(' ' || nullif({{ json_text('models.item', 'model_name') }}, ''), '') as product_name,
    {{ json_text('products.payload', 'category_name') }} as category_name
from {{ current_versions('shopee', 'products') }} as products
cross join {{ json_elements('products.payload', 'models', 'models') }}
