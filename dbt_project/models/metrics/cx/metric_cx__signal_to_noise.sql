{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={'message_balances': months_of('month_start')},
) }}

with customers as (
    select
        periods.period_grain_code,
        periods.period_start,
        balances.business_unit_code,
        'all' as segment_type_code,
        'all' as segment_code,
        balances.sent_count,
        balances.signal_count,
        balances.answered_count,
        balances.signal_share,
        balances.signal_to_noise,
        balances.decibels
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('message_balances') }} as balances on balances.month_start = periods.period_start
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

{# the middle customer and not the sum of all: who gets most would hide the others #}
medians as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        segment_type_code,
        segment_code
        {%- for value in ['signal_share', 'signal_to_noise', 'decibels'] %},
        {{ rounded('percentile_cont(0.5) within group (order by ' ~ value ~ ')', 6) }} as {{ value }},
        count({{ value }}) as {{ value }}_count
        {%- endfor %}
    from customers
    group by business_unit_code, period_grain_code, period_start, segment_type_code, segment_code
)
{% for variant, value in [('signal_share', 'signal_share'), ('ratio', 'signal_to_noise'), ('decibel', 'decibels')] %}
{{ 'union all' if not loop.first }}
{{ variant_row('medians', 'cx.signal_to_noise', variant, 'quantile', value=value, n=value ~ '_count') }}
{% endfor %}
{% for variant, amount in [('pooled_share', 'signal_count'), ('response', 'answered_count')] %}
union all
{{ variant_by_person('customers', 'cx.signal_to_noise', variant, 'ratio', amount, 'sent_count') }}
{% endfor %}
