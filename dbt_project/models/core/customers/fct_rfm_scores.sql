{{ config(
    unique_key=['business_unit_code', 'month_start', 'customer_key'],
    dirty_key=['business_unit_code', 'month_start'],
    dirty_from={
        'purchase_days': "select days.business_unit_code, periods.period_start as month_start"
            ~ " from (select distinct business_unit_code, purchase_date from {changed}) as days"
            ~ " inner join core.dim_period as periods on periods.period_grain_code = 'month'"
            ~ " and periods.period_end > days.purchase_date and periods.period_start <= days.purchase_date + 365"
            ~ " union"
            ~ " select units.business_unit_code, periods.period_start as month_start"
            ~ " from (select distinct business_unit_code from {changed}) as units"
            ~ " cross join lateral (select max(purchase_date) as day from core.purchase_days as b"
            ~ " where b.business_unit_code = units.business_unit_code) as bought"
            ~ " cross join lateral (select coalesce(max(t.month_start), date '" ~ var('calendar_start') ~ "') as day"
            ~ " from {this} as t where t.business_unit_code = units.business_unit_code) as scored"
            ~ " inner join core.dim_period as periods on periods.period_grain_code = 'month'"
            ~ " and periods.period_end >= least(bought.day, scored.day)"
            ~ " and periods.period_end <= greatest(bought.day, scored.day + 31)",
    },
    change_carries=['tier_code'],
    indexes=[{'columns': ['customer_key']}],
) }}

with sold as {{ computed_once() }} (
    {# asked of each unit, the index answers at once; once, and not for each purchase that is joined #}
    select
        units.business_unit_code,
        {%- for bound in ['min', 'max'] %}
        (
            select {{ bound }}(days.purchase_date)
            from {{ ref('purchase_days') }} as days
            where days.business_unit_code = units.business_unit_code
        ) as {{ {'min': 'first', 'max': 'last'}[bound] }}_purchase_date{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('dim_business_unit') }} as units
),

months as {{ computed_once() }} (
    {# a month is over for a unit when something was sold after it: the clock says nothing of what has arrived #}
    select sold.business_unit_code, periods.period_start as month_start, periods.period_end
    from sold
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = 'month'
        and periods.period_end > sold.first_purchase_date
        and periods.period_end <= sold.last_purchase_date
),

customers as (
    select
        months.business_unit_code,
        months.month_start,
        days.customer_key,
        months.period_end - 1 - max(days.purchase_date) as recency_days,
        case when max(days.purchase_date) >= {{ add_days('months.period_end', -365) }} then 1 else 0 end as is_active,
        sum(case when days.purchase_date >= {{ add_days('months.period_end', -365) }} then 1 else 0 end)
            as purchase_day_count,
        sum(case when days.purchase_date >= {{ add_days('months.period_end', -365) }} then days.net_amount else 0 end)
            as net_amount
    from months
    {# also who fell silent for a year within the month: their last row says so #}
    inner join {{ ref('purchase_days') }} as days
        on days.business_unit_code = months.business_unit_code
        and days.purchase_date >= {{ add_days('months.month_start', -365) }}
        and days.purchase_date < months.period_end
    where {{ is_dirty('months') }}
    group by months.business_unit_code, months.month_start, months.period_end, days.customer_key
),

ranks as (
    {# those who are equal are scored alike: how many one beats, not where one stands in a list #}
    select
        customers.*,
        {%- set others = 'over (partition by business_unit_code, month_start, is_active' %}
        count(*) {{ others }}) as customer_count,
        rank() {{ others }} order by recency_days desc) - 1 as beaten_in_recency,
        rank() {{ others }} order by purchase_day_count) - 1 as beaten_in_frequency,
        rank() {{ others }} order by net_amount) - 1 as beaten_in_amount
    from customers
),

scores as (
    select
        ranks.*,
        {%- for name, beaten in {'recency': 'recency', 'frequency': 'frequency', 'monetary': 'amount'}.items() %}
        case when is_active = 1 then cast(1 + floor(5.0 * beaten_in_{{ beaten }} / customer_count) as integer) end
            as {{ name }}_score{{ ',' if not loop.last }}
        {%- endfor %}
    from ranks
),

levels as (
    select
        scores.*,
        {# of frequency and amount, the mean, a half rounded up #}
        cast(floor((frequency_score + monetary_score + 1) / 2.0) as integer) as value_score
    from scores
)

select
    business_unit_code,
    month_start,
    customer_key,
    recency_days,
    purchase_day_count,
    net_amount,
    recency_score,
    frequency_score,
    monetary_score,
    case
        when is_active = 0 then 'inactive'
        when recency_score = 5 and value_score >= 4 then 'champion'
        when recency_score >= 3 and value_score >= 4 then 'loyal'
        when recency_score >= 4 and value_score >= 2 then 'promising'
        when recency_score >= 4 then 'new'
        when recency_score = 3 and value_score = 3 then 'needs_attention'
        when recency_score = 3 then 'about_to_sleep'
        when value_score = 5 then 'cannot_lose'
        when value_score >= 3 then 'at_risk'
        else 'hibernating'
    end as tier_code
from levels
