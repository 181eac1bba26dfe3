select sku as product_id, sku, name as product_name, category as category_name
from 'products.parquet'
