select
    's' || range as product_id,
    'Product ' || range as product_name,
    'Category ' || range % 20 as category_name
from range(500)
