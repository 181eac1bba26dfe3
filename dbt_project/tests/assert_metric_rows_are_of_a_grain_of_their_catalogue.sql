{{ config(tags=['whole']) }}
{# A grain that the catalogue does not name would be drawn nowhere. #}
select distinct metric_rows.metric_code, metric_rows.variant_code, metric_rows.period_grain_code
from {{ ref('mart_metrics') }} as metric_rows
left join {{ ref('metric_catalogue') }} as catalogue
    on catalogue.metric_code = metric_rows.metric_code
    and catalogue.variant_code = metric_rows.variant_code
    and position(metric_rows.period_grain_code in catalogue.grains) > 0
where catalogue.metric_code is null
