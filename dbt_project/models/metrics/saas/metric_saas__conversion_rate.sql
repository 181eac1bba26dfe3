{% set grains = ['week', 'month', 'quarter'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={'trials': periods_of('started_date', grains), 'dim_business_unit': all_periods(grains)},
) }}

with measured as (
    select
        periods.period_grain_code,
        periods.period_start,
        trials.business_unit_code,
        'all' as segment_type_code,
        'all' as segment_code,
        trials.trial_kind_code,
        count(*) as trial_count,
        sum(trials.is_converted) as converted_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('trials') }} as trials
        on trials.started_date >= periods.period_start
        and trials.started_date < periods.period_end
    {{ join_unit_of_type('trials', 'saas') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, trials.business_unit_code, trials.trial_kind_code
)

{% for variant, kind in [('opt_in', 'opt_in'), ('opt_out', 'opt_out'), ('freemium_d90', 'freemium')] %}
{{ 'union all' if not loop.first }}
{{ variant_row('measured', 'saas.conversion_rate', variant, 'ratio', 'converted_count', 'trial_count', where="trial_kind_code = '" ~ kind ~ "'") }}
{% endfor %}
