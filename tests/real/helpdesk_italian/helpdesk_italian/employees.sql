select distinct Resource as employee_id
from 'finale.csv.gz'
