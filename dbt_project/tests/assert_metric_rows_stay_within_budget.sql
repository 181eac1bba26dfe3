{# a unit of very many channels may have reason to exceed it: that is told, and stops nothing #}
{{ config(severity='warn') }}
{#
    A unit's metric rows: a thousand per default variant and begun year of history is the budget. Rows of default
    variants are counted: the others of a metric are cut by the same segments, and grow with them.
#}
select business_unit_code, count(*) as metric_rows
from {{ ref('mart_metrics') }}
where is_default = 1
group by business_unit_code
having count(*) > 1000
    * (select sum(is_default) from {{ ref('metrics') }})
    * (1 + date_part('year', age(max(period_start), min(period_start))))
