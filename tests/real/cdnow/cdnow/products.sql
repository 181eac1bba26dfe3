-- which discs were bought was not kept
select 'CD' as product_id, 'CD' as product_name
