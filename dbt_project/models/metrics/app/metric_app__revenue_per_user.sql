{{ config(
    unique_key=metric_key(),
    dirty_key=['period_grain_code', 'period_start'],
    dirty_from={
        'active_months': months_of('month_start'),
        'fct_app_purchases': periods_of('purchase_date', ['month']),
        'fct_ad_slot_days': periods_of('slot_date', ['month']),
        'dim_business_unit': all_periods(['month']),
    },
) }}

with persons as (
    {# who only pays, and is not active in the month, brings revenue and is no user of it #}
    select
        period_grain_code,
        period_start,
        business_unit_code,
        person_key,
        max(is_user) as is_user,
        max(is_payer) as is_payer,
        sum(net_amount) as net_amount,
        sum(kept_amount) as kept_amount
    from (
        select
            periods.period_grain_code,
            periods.period_start,
            users.business_unit_code,
            users.person_key,
            1 as is_user,
            0 as is_payer,
            0 as net_amount,
            0 as kept_amount
        from {{ ref('dim_period') }} as periods
        inner join {{ ref('active_months') }} as users on users.month_start = periods.period_start
        {{ join_unit_of_type('users', 'app') }}
        where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
        union all
        select
            periods.period_grain_code,
            periods.period_start,
            purchases.business_unit_code,
            purchases.person_key,
            0 as is_user,
            case when purchases.kind_code = 'purchase' then 1 else 0 end as is_payer,
            purchases.net_amount,
            purchases.net_amount - purchases.store_fee_amount as kept_amount
        from {{ ref('dim_period') }} as periods
        inner join {{ ref('fct_app_purchases') }} as purchases
            on purchases.purchase_date >= periods.period_start
            and purchases.purchase_date < periods.period_end
        {{ join_unit_of_type('purchases', 'app') }}
        where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    ) as seen
    group by period_grain_code, period_start, business_unit_code, person_key
),

advertising as (
    select
        periods.period_start,
        slots.business_unit_code,
        sum(slots.revenue_amount) as amount
    from {{ ref('dim_period') }} as periods
    inner join {{ ref('fct_ad_slot_days') }} as slots
        on slots.slot_date >= periods.period_start
        and slots.slot_date < periods.period_end
    where periods.period_grain_code = 'month' and {{ is_dirty('periods') }}
    group by periods.period_start, slots.business_unit_code
),

totals as (
    select
        business_unit_code,
        period_grain_code,
        period_start,
        sum(is_user) as user_count,
        sum(is_payer) as payer_count,
        sum(net_amount) as net_amount,
        sum(kept_amount) as kept_amount,
        sum(case when is_payer = 1 then net_amount else 0 end) as payer_amount,
        {# what advertising brings is nobody's, so it spreads over all and adds no difference between them #}
        {{ residual_squares('net_amount', 'is_user') }} as residual_net,
        {{ residual_squares('kept_amount', 'is_user') }} as residual_kept,
        {{ residual_squares('is_payer * net_amount', 'is_payer') }} as residual_payers
    from persons
    group by business_unit_code, period_grain_code, period_start
),

measured as (
    select
        totals.*,
        'all' as segment_type_code,
        'all' as segment_code,
        totals.net_amount + coalesce(advertising.amount, 0) as revenue_amount,
        totals.kept_amount + coalesce(advertising.amount, 0) as kept_revenue_amount
    from totals
    left join advertising
        on advertising.business_unit_code = totals.business_unit_code
        and advertising.period_start = totals.period_start
)

{{ variant_row('measured', 'app.revenue_per_user', 'arpu', 'mean', 'revenue_amount', 'user_count', 'residual_net') }}
union all
{{ variant_row('measured', 'app.revenue_per_user', 'arpu_net_of_store_fee', 'mean', 'kept_revenue_amount', 'user_count', 'residual_kept') }}
union all
{{ variant_row('measured', 'app.revenue_per_user', 'arppu', 'mean', 'payer_amount', 'payer_count', 'residual_payers') }}
