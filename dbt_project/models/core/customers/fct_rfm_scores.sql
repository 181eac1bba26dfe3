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

dirty_months as (
    select * from months where {{ is_dirty('months') }}
),

scores as (
    {# a pass for each month: what is ranked of one fits into memory, of all it would not #}
    select
        months.business_unit_code,
        months.month_start,
        scored.*
    from dirty_months as months
    cross join lateral (
        select
            customers.*,
            {#- those who are equal are scored alike: how many one beats, not where one stands in a list #}
            {%- for name, order in {
                'recency': 'recency_days desc', 'frequency': 'purchase_day_count', 'monetary': 'net_amount',
            }.items() %}
            case when is_active = 1 then cast(
                1 + floor(5.0 * (rank() over (partition by is_active order by {{ order }}) - 1)
                    / count(*) over (partition by is_active))
            as integer) end as {{ name }}_score{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                days.customer_key,
                months.period_end - 1 - max(days.purchase_date) as recency_days,
                case when max(days.purchase_date) >= {{ add_days('months.period_end', -365) }} then 1 else 0 end as is_active,
                count(case when days.purchase_date >= {{ add_days('months.period_end', -365) }} then 1 end) as purchase_day_count,
                sum(case when days.purchase_date >= {{ add_days('months.period_end', -365) }} then days.net_amount else 0 end)
                    as net_amount
            from {{ ref('purchase_days') }} as days
            {# also who fell silent for a year within the month: their last row says so #}
            where days.business_unit_code = months.business_unit_code
                and days.purchase_date >= {{ add_days('months.month_start', -365) }}
                and days.purchase_date < months.period_end
            group by days.customer_key
        ) as customers
    ) as scored
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
