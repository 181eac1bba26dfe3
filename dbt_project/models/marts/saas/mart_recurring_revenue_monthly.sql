{{ config(
    unique_key=['business_unit_code', 'month_start'],
    dirty_from={
        'fct_subscription_months': 'select business_unit_code, month_start from {changed}',
        'data_through': "select changed_rows.business_unit_code, p.period_start as month_start from {changed}"
            ~ " inner join core.dim_period as p on p.period_grain_code = 'month'"
            ~ " and p.period_end >= changed_rows.data_through"
            ~ " and p.period_start <= (select max(known.data_through) from core.data_through as known)"
            ~ " where changed_rows.process_code = 'subscriptions'",
        'dim_business_unit': ['business_unit_code'],
    },
) }}

select
    months.business_unit_code,
    max(units.name_vi) as business_unit_name_vi,
    max(units.name_en) as business_unit_name_en,
    months.month_start,
    max(months.currency) as currency,
    sum(months.recurring_amount_start) as start_amount,
    {%- for movement in ['new', 'reactivation', 'expansion', 'contraction', 'churn'] %}
    sum(case when months.movement_code = '{{ movement }}' then months.movement_amount else 0 end) as {{ movement }}_amount,
    {%- endfor %}
    sum(case when months.churn_kind_code = 'involuntary' then months.movement_amount else 0 end) as involuntary_churn_amount,
    sum(months.recurring_amount_end) as end_amount,
    sum(months.is_paying_start) as start_customer_count,
    sum(case when months.movement_code = 'new' then 1 else 0 end) as new_customer_count,
    sum(case when months.movement_code = 'reactivation' then 1 else 0 end) as reactivated_customer_count,
    sum(case when months.movement_code = 'churn' then 1 else 0 end) as churned_customer_count,
    sum(months.is_paying_end) as end_customer_count,
    count(months.cancel_requested_date) as cancel_request_count,
    max(case when periods.period_end > known.data_through then 1 else 0 end) as is_provisional
from {{ ref('fct_subscription_months') }} as months
inner join {{ ref('dim_business_unit') }} as units on units.business_unit_code = months.business_unit_code
inner join {{ ref('dim_period') }} as periods
    on periods.period_grain_code = 'month' and periods.period_start = months.month_start
inner join {{ ref('data_through') }} as known
    on known.business_unit_code = months.business_unit_code and known.process_code = 'subscriptions'
where {{ is_dirty('months') }}
group by months.business_unit_code, months.month_start
