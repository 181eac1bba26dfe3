{# A unit's metric rows: a thousand per default variant and year of history is the budget. #}
select business_unit_code, count(*) as metric_rows
from {{ ref('mart_metrics') }}
group by business_unit_code
having count(*) > 40000 * (1 + date_part('year', age(max(period_start), min(period_start))))
