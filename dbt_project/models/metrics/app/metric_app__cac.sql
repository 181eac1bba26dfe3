{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_spend_days': periods_of('spend_date', ['month']),
        'fct_install_days': periods_of('install_date', ['month']),
        'first_days': periods_of('signed_up_date', ['month']) ~ ' union ' ~ periods_of('first_purchase_date', ['month']),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with costs as (
    select
        periods.period_grain_code,
        periods.period_start,
        spend.business_unit_code,
        sum(spend.amount) as amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_spend_days') }} as spend
        on spend.spend_date >= periods.period_start
        and spend.spend_date < periods.period_end
    {{ join_unit_of_type('spend', 'app') }}
    where periods.period_grain_code = 'month' and spend.purpose_code = 'acquisition' and {{ is_dirty('periods') }}
    group by periods.period_grain_code, periods.period_start, spend.business_unit_code
),

gained as (
    {# whoever is won in the month, by what they did in it for the first time #}
    {%- for fact, day, what in [
        ('fct_install_days', 'install_date', 'install'),
        ('first_days', 'signed_up_date', 'account'),
        ('first_days', 'first_purchase_date', 'payer'),
    ] %}
    {{ 'union all' if not loop.first }}
    select
        periods.period_start,
        won.business_unit_code,
        {%- for other in ['install', 'account', 'payer'] %}
        {{ '0' if other != what else 'coalesce(sum(won.install_count), 0)' if what == 'install' else 'count(*)' }} as {{ other }}_count
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('dim_period') }} as periods
    inner join {{ ref(fact) }} as won
        on won.{{ day }} >= periods.period_start
        and won.{{ day }} < periods.period_end
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_start, won.business_unit_code
    {%- endfor %}
),

totals as (
    select
        business_unit_code,
        period_start,
        sum(install_count) as install_count,
        sum(account_count) as account_count,
        sum(payer_count) as payer_count
    from gained
    group by business_unit_code, period_start
),

measured as (
    select
        costs.business_unit_code,
        costs.period_grain_code,
        costs.period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        costs.amount,
        coalesce(totals.install_count, 0) as install_count,
        coalesce(totals.account_count, 0) as account_count,
        coalesce(totals.payer_count, 0) as payer_count
    from costs
    left join totals
        on totals.business_unit_code = costs.business_unit_code
        and totals.period_start = costs.period_start
)

{{ variant_row('measured', 'app.cac', 'cpi', 'mean', 'amount', 'install_count') }}
union all
{{ variant_row('measured', 'app.cac', 'cac', 'mean', 'amount', 'account_count') }}
union all
{{ variant_row('measured', 'app.cac', 'cac_payer', 'mean', 'amount', 'payer_count') }}
