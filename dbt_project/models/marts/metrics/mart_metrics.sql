{{ config(
    unique_key=metric_key(),
    dirty_key=['business_unit_code', 'metric_code', 'period_grain_code', 'period_start'],
    dirty_from=dirty_metric_rows(),
    indexes=[{'columns': ['metric_code', 'period_grain_code', 'period_start']}],
) }}

with rows_of_all_types as (
    {%- for type in metric_names() %}
    {{ 'union all' if not loop.first }}
    select * from {{ ref('metrics_' ~ type) }}
    {%- endfor %}
),

told as {{ computed_once() }} (
    {# before they are joined to anything: each key of the catalogue would be looked up in every model #}
    select * from rows_of_all_types as metric_rows where {{ is_dirty('metric_rows', found_by=['period_start']) }}
),

measured as (
    select
        metric_rows.*,
        catalogue.name_vi,
        catalogue.name_en,
        catalogue.variant_vi,
        catalogue.variant_en,
        catalogue.is_default,
        catalogue.unit_code,
        catalogue.scale,
        catalogue.ci_method_code,
        catalogue.minimum_n,
        catalogue.horizon_days,
        catalogue.horizon_from_code,
        catalogue.process_code,
        {# what cannot be lies in no interval: a share below nothing or above all, more detractors than persons #}
        case
            when metric_rows.metric_code = 'cx.nps' then -1
            when metric_rows.value_kind = 'ratio' and catalogue.unit_code = 'share' then 0
        end as least_value,
        case
            when metric_rows.metric_code = 'cx.nps' then 1
            when metric_rows.value_kind = 'ratio' and catalogue.unit_code = 'share' then 1
        end as greatest_value,
        case
            when metric_rows.value_kind = 'ratio' or metric_rows.value_kind = 'mean'
                then {{ ratio('metric_rows.numerator', 'metric_rows.denominator') }}
            else metric_rows.value
        end as raw_value,
        case
            when catalogue.ci_method_code in ('normal', 'by_person') and metric_rows.n_units > 1
                then {{ standard_error('metric_rows.residual_squares', 'metric_rows.denominator') }}
        end as raw_error
    from told as metric_rows
    inner join {{ ref('metrics') }} as catalogue
        on catalogue.metric_code = metric_rows.metric_code
        and catalogue.variant_code = metric_rows.variant_code
)

select
    measured.business_unit_code,
    units.name_vi as business_unit_name_vi,
    units.name_en as business_unit_name_en,
    measured.metric_code,
    measured.name_vi as metric_name_vi,
    measured.name_en as metric_name_en,
    measured.variant_code,
    measured.variant_vi as variant_name_vi,
    measured.variant_en as variant_name_en,
    measured.is_default,
    measured.period_grain_code,
    measured.period_start,
    periods.period_end,
    measured.segment_type_code,
    measured.segment_code,
    {# a plan or a product is called what it is called #}
    coalesce(channels.name_vi, labels.name_vi, measured.segment_code) as segment_name_vi,
    coalesce(channels.name_en, labels.name_en, measured.segment_code) as segment_name_en,
    measured.value_kind,
    case when measured.unit_code = 'currency' then units.currency else measured.unit_code end as unit_code,
    measured.numerator,
    measured.denominator,
    round(measured.raw_value * measured.scale, 6) as value,
    measured.scale,
    measured.n,
    measured.n_units,
    round(measured.raw_error * measured.scale, 6) as standard_error,
    round(case
        when measured.ci_method_code = 'wilson'
            then {{ wilson('measured.numerator', 'measured.denominator', -1) }} * measured.scale
        when measured.raw_value - 1.959964 * measured.raw_error < measured.least_value
            then measured.least_value * measured.scale
        else (measured.raw_value - 1.959964 * measured.raw_error) * measured.scale
    end, 6) as ci_low,
    round(case
        when measured.ci_method_code = 'wilson'
            then {{ wilson('measured.numerator', 'measured.denominator', 1) }} * measured.scale
        when measured.raw_value + 1.959964 * measured.raw_error > measured.greatest_value
            then measured.greatest_value * measured.scale
        else (measured.raw_value + 1.959964 * measured.raw_error) * measured.scale
    end, 6) as ci_high,
    measured.ci_method_code,
    case
        {# all promoters or all detractors: no error can be estimated #}
        when measured.metric_code = 'cx.nps' and measured.raw_error = 0 then 0
        when measured.n >= measured.minimum_n then 1
        else 0
    end as is_reportable,
    case
        when measured.horizon_from_code = 'start'
            then case when {{ add_days('measured.period_start', 'measured.horizon_days') }} > data_through.data_through then 1 else 0 end
        when measured.horizon_days is not null
            then case when {{ add_days('periods.period_end', 'measured.horizon_days') }} > data_through.data_through then 1 else 0 end
        when periods.period_end > data_through.data_through then 1
        else 0
    end as is_provisional,
    case
        when measured.metric_code = 'ecommerce.periodical_purchase' and measured.variant_code = 'year' then
            case
                when measured.raw_value < 0.4 then 'Giai đoạn thu hút / Acquisition mode'
                when measured.raw_value <= 0.6 then 'Giai đoạn kết hợp / Hybrid mode'
                when measured.raw_value > 0.6 then 'Giai đoạn trung thành / Loyalty mode'
            end
    end as reading
from measured
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = measured.business_unit_code
inner join {{ ref('dim_period') }} as periods
    on periods.period_grain_code = measured.period_grain_code
    and periods.period_start = measured.period_start
left join {{ ref('dim_channel') }} as channels
    on measured.segment_type_code = 'channel' and channels.channel_code = measured.segment_code
left join {{ ref('labels') }} as labels
    on labels.kind = measured.segment_type_code and labels.code = measured.segment_code
{# a period that has not begun says nothing: that is no row, not a zero #}
inner join {{ ref('data_through') }} as data_through
    on data_through.business_unit_code = measured.business_unit_code
    and data_through.process_code = measured.process_code
    and data_through.data_through > measured.period_start
