-- the names of the products were not released; what a category lacks in English stays as it is
select
    product_id,
    coalesce(product_category_name_english, product_category_name) as category_name
from 'olist_products_dataset.csv.gz'
left join 'product_category_name_translation.csv.gz' using (product_category_name)
