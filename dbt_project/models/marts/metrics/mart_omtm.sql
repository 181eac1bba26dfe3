{{ config(unique_key=['business_unit_code', 'period_start']) }}

{% set guardrails = ['guardrail_1', 'guardrail_2', 'guardrail_3'] %}

with chosen as (
    select
        omtm.*,
        units.name_vi as business_unit_name_vi,
        units.name_en as business_unit_name_en,
        units.business_type_code,
        units.stage_code,
        {{ batch_date('units.time_zone') }} as today
    from {{ ref('omtm') }} as omtm
    inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = omtm.business_unit_code
),

in_force as (
    select *
    from chosen
    where valid_from <= today and (valid_to is null or valid_to > today)
),

periods as (
    select
        in_force.*,
        metrics.metric_name_vi,
        metrics.metric_name_en,
        metrics.variant_code,
        metrics.variant_name_vi,
        metrics.variant_name_en,
        metrics.unit_code,
        metrics.period_start,
        metrics.period_end,
        metrics.value,
        metrics.n,
        metrics.is_reportable,
        metrics.is_provisional,
        lag(metrics.value) over (
            partition by in_force.business_unit_code order by metrics.period_start
        ) as previous_value,
        row_number() over (
            partition by in_force.business_unit_code order by metrics.period_start desc
        ) as recency
    from in_force
    inner join {{ ref('mart_metrics') }} as metrics
        on metrics.business_unit_code = in_force.business_unit_code
        and metrics.metric_code = in_force.metric_code
        and metrics.period_grain_code = in_force.period_grain_code
        and metrics.is_default = 1
        and metrics.segment_type_code = 'all'
),

judged as (
    select
        periods.*,
        catalogue.direction_code,
        {# a period that is not over has met nothing yet, and failed nothing #}
        case
            when periods.value is null or periods.is_provisional = 1 then 'open'
            when catalogue.direction_code = 'down' then
                case
                    when periods.value <= periods.target then 'met'
                    when periods.value <= periods.line_in_the_sand then 'between'
                    else 'missed'
                end
            when periods.value >= periods.target then 'met'
            when periods.value >= periods.line_in_the_sand then 'between'
            else 'missed'
        end as target_code
    from periods
    inner join {{ ref('metric_catalogue') }} as catalogue
        on catalogue.metric_code = periods.metric_code and catalogue.variant_code = periods.variant_code
    where periods.recency <= 8
)

select
    periods.business_unit_code,
    periods.business_unit_name_vi,
    periods.business_unit_name_en,
    periods.business_type_code,
    periods.stage_code,
    stages.name_vi as stage_name_vi,
    stages.name_en as stage_name_en,
    periods.metric_code,
    periods.metric_name_vi,
    periods.metric_name_en,
    periods.variant_code,
    periods.variant_name_vi,
    periods.variant_name_en,
    periods.unit_code,
    periods.direction_code,
    periods.period_grain_code,
    periods.period_start,
    periods.period_end,
    periods.recency - 1 as periods_ago,
    periods.value,
    periods.previous_value,
    periods.value - periods.previous_value as change_value,
    periods.target,
    periods.line_in_the_sand,
    periods.target_code,
    targets.name_vi as target_name_vi,
    targets.name_en as target_name_en,
    periods.n,
    periods.is_reportable,
    periods.is_provisional,
    periods.valid_from,
    periods.today - periods.valid_from as days_in_force,
    periods.reason_vi,
    periods.reason_en,
    {%- for guardrail in guardrails %}
    periods.{{ guardrail }} as {{ guardrail }}_code,
    {{ guardrail }}.metric_name_vi as {{ guardrail }}_name_vi,
    {{ guardrail }}.metric_name_en as {{ guardrail }}_name_en,
    {{ guardrail }}.value as {{ guardrail }}_value,
    {%- endfor %}
    suggested.metric_code as suggested_metric_code,
    suggestion.name_vi as suggested_name_vi,
    suggestion.name_en as suggested_name_en,
    case when suggested.metric_code = periods.metric_code then 1 else 0 end as is_as_suggested
from judged as periods
left join {{ ref('labels') }} as stages on stages.kind = 'stage' and stages.code = periods.stage_code
left join {{ ref('labels') }} as targets on targets.kind = 'target' and targets.code = periods.target_code
left join {{ ref('stage_metrics') }} as suggested
    on suggested.business_type_code = periods.business_type_code and suggested.stage_code = periods.stage_code
left join {{ ref('metric_catalogue') }} as suggestion
    on suggestion.metric_code = suggested.metric_code and suggestion.is_default = 1
{%- for guardrail in guardrails %}
left join {{ ref('mart_metrics') }} as {{ guardrail }}
    on {{ guardrail }}.business_unit_code = periods.business_unit_code
    and {{ guardrail }}.metric_code = periods.{{ guardrail }}
    and {{ guardrail }}.period_grain_code = periods.period_grain_code
    and {{ guardrail }}.period_start = periods.period_start
    and {{ guardrail }}.is_default = 1
    and {{ guardrail }}.segment_type_code = 'all'
{%- endfor %}
