select CustomerID as profile_id, min(InvoiceDate) as created_at
from 'online_retail.parquet'
where CustomerID is not null
group by CustomerID
