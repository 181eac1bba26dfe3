{% set grains = ['week', 'month'] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_months': months_of('month_start'),
        'fct_app_purchases': periods_of('purchase_date', ['month']),
        'first_days': periods_of('first_seen_date', grains),
        'dim_business_unit': all_periods(grains),
    },
) }}

with payers as (
    select
        periods.period_start,
        purchases.business_unit_code,
        purchases.person_key
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_app_purchases') }} as purchases
        on purchases.purchase_date >= periods.period_start
        and purchases.purchase_date < periods.period_end
    where periods.period_grain_code = 'month' and purchases.kind_code = 'purchase' and {{ is_dirty('periods') }}
    group by periods.period_start, purchases.business_unit_code, purchases.person_key
),

measured as (
    {# a month's payers among the month's users #}
    select
        periods.period_grain_code,
        periods.period_start,
        users.business_unit_code,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as user_count,
        count(payers.person_key) as payer_count
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('active_months') }} as users on users.month_start = periods.period_start
    {{ join_unit_of_type('users', 'app') }}
    left join payers
        on payers.period_start = periods.period_start
        and payers.business_unit_code = users.business_unit_code
        and payers.person_key = users.person_key
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, users.business_unit_code
),

cohorts as (
    select
        periods.period_grain_code,
        periods.period_start,
        firsts.business_unit_code,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as person_count
        {%- for day in [30, 90] %},
        sum(
            case when firsts.first_purchase_date <= {{ add_days('firsts.first_seen_date', day) }} then 1 else 0 end
        ) as payer_count_d{{ day }}
        {%- endfor %}
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('first_days') }} as firsts
        on firsts.first_seen_date >= periods.period_start
        and firsts.first_seen_date < periods.period_end
    {{ join_unit_of_type('firsts', 'app') }}
    where periods.period_grain_code in ('{{ grains | join("', '") }}') and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, firsts.business_unit_code
)

{{ variant_row('measured', 'app.payer_share', 'month', 'ratio', 'payer_count', 'user_count') }}
{% for day in ['30', '90'] %}
union all
{{ variant_row('cohorts', 'app.payer_share', 'payer_conv_d' ~ day, 'ratio', 'payer_count_d' ~ day, 'person_count') }}
{% endfor %}
