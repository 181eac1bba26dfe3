{{ stack('products', [
    'product_id',
    'business_unit_code',
    'sku',
    'product_name',
    'category_name',
]) }}
