-- no line number: a line is its stock code, and repetitions are told apart by the source.
-- The time and the country stay, because only rows that are equal in every column are copies.
select
    InvoiceNo as order_id,
    StockCode as line_id,
    StockCode as product_id,
    Description as product_name,
    -- two bad debts have a negative price: the same sum as a negative quantity
    case when UnitPrice < 0 then -Quantity else Quantity end as quantity,
    abs(UnitPrice::decimal(18, 3)) as unit_price,
    InvoiceDate as invoiced_at,
    Country as country
from 'online_retail.parquet'
