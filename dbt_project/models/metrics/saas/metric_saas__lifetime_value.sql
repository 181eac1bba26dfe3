{% set margin = var('subscription_gross_margin_share') %}
{% set horizons = [12, 24, 36] %}
{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'fct_subscription_months': months_of('month_start'),
        'fct_invoices': "select distinct 'month' as period_grain_code, months.month_start as period_start from {changed}"
            ~ " inner join core.fct_subscription_months as months on months.customer_key = changed_rows.customer_key"
            ~ " and months.first_paid_date >= months.month_start",
        'subscription_lifetimes': "select distinct 'month' as period_grain_code, months.month_start as period_start"
            ~ " from core.fct_subscription_months as months"
            ~ " where months.business_unit_code in (select business_unit_code from {changed})",
        'metric_saas__cac': ['period_grain_code', 'period_start'],
        'dim_business_unit': all_periods(['month']),
    },
) }}

with subscribers as (
    select periods.period_grain_code, periods.period_start, months.*
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_subscription_months') }} as months on months.month_start = periods.period_start
    {{ join_unit_of_type('months', 'saas') }}
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
),

earned as (
    {# of whoever paid for the first time in the month, all that came since; a refund gives back its share of the tax #}
    select
        subscribers.period_grain_code,
        subscribers.period_start,
        subscribers.business_unit_code,
        round((
            select coalesce(sum(
                (invoices.amount - invoices.refund_amount)
                * coalesce({{ ratio('invoices.amount - invoices.tax_amount', 'invoices.amount') }}, 0)
            ), 0)
            from {{ ref('fct_invoices') }} as invoices
            where invoices.customer_key = subscribers.customer_key
                and invoices.business_unit_code = subscribers.business_unit_code
                and invoices.paid_date is not null
        ) * {{ margin }}, 4) as margin_amount
    from subscribers
    where subscribers.first_paid_date >= subscribers.month_start and subscribers.customer_key <> 'unknown'
),

historic as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        count(*) as customer_count,
        sum(margin_amount) as margin_amount,
        {{ residual_squares('margin_amount') }} as residual
    from earned
    group by business_unit_code, period_grain_code, period_start
),

flows as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        'all' as segment_type_code,
        'all' as segment_code,
        sum(is_paying_start) as customer_count,
        sum(is_paying_end) as customer_count_end,
        sum(case when movement_code = 'churn' then 1 else 0 end) as left_count,
        {{ ratio('sum(recurring_amount_end)', 'sum(is_paying_end)') }} * {{ margin }} as margin_per_customer
    from subscribers
    group by business_unit_code, period_grain_code, period_start
),

simple as (
    {# nobody stays for longer than the years that anybody can foresee: 60 months #}
    select
        flows.*,
        round(margin_per_customer * least({{ ratio('customer_count', 'left_count') }}, 60), 6) as lifetime_amount
    from flows
    where left_count > 0
),

predictive as (
    {# what somebody is worth who subscribes in the month, for the months of the horizon that the model expects them to pay #}
    select
        flows.*
        {%- for horizon in horizons %},
        round(margin_per_customer * lifetimes.discounted_months_{{ horizon }}m, 6) as lifetime_amount_{{ horizon }}m
        {%- endfor %}
    from flows
    inner join {{ ref('subscription_lifetimes') }} as lifetimes
        on lifetimes.business_unit_code = flows.business_unit_code
    where customer_count_end > 0
),

compared as (
    {# a customer costs what was spent over how many are new: their worth over it is that of all who are new over the spend #}
    select
        simple.*,
        round(simple.lifetime_amount * costs.denominator, 4) as new_lifetime_amount,
        costs.numerator as cost_amount,
        least(simple.customer_count, costs.denominator) as least_customer_count
    from simple
    inner join {{ ref('metric_saas__cac') }} as costs
        on costs.business_unit_code = simple.business_unit_code
        and costs.period_grain_code = simple.period_grain_code
        and costs.period_start = simple.period_start
        and costs.segment_type_code = 'all'
        and costs.variant_code = 'blended'
    where costs.denominator > 0 and {{ is_dirty('costs') }}
)

{{ variant_row('historic', 'saas.lifetime_value', 'historic', 'mean', 'margin_amount', 'customer_count', 'residual') }}
union all
{{ variant_row('simple', 'saas.lifetime_value', 'simple', 'money', value='lifetime_amount', n='customer_count') }}
{%- for horizon in horizons %}
union all
{{ variant_row(
    'predictive', 'saas.lifetime_value', 'predictive_' ~ horizon ~ 'm', 'money',
    value='lifetime_amount_' ~ horizon ~ 'm', n='customer_count_end',
) }}
{%- endfor %}
union all
{{ variant_row(
    'compared', 'saas.lifetime_value', 'ltv_cac', 'mean', 'new_lifetime_amount', 'cost_amount', n='least_customer_count',
) }}
