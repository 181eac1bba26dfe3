-- a stock code goes by several names, some of them notes of the warehouse: the most frequent counts
select StockCode as product_id, StockCode as sku, arg_max(Description, (uses, Description)) as product_name
from (
    select StockCode, Description, count(*) as uses
    from 'online_retail.parquet'
    group by StockCode, Description
)
group by StockCode
