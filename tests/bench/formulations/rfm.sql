-- one pass over the days of purchases for each month that is over
create temporary table theirs_rfm as
with months as (
    select units.business_unit_code, periods.period_start as month_start, periods.period_end
    from core.dim_business_unit as units
    cross join lateral (
        select max(days.purchase_date) as last_date
        from core.purchase_days as days
        where days.business_unit_code = units.business_unit_code
    ) as sold
    inner join core.dim_period as periods on periods.period_grain_code = 'month' and periods.period_end <= sold.last_date
)

select
    months.business_unit_code,
    months.month_start,
    scored.*
from months
cross join lateral (
    select
        bought.*,
        case when is_active = 1 then 1 + floor(5.0 * (rank() over (partition by is_active order by recency_days desc) - 1)
            / count(*) over (partition by is_active)) end as recency_score,
        case when is_active = 1 then 1 + floor(5.0 * (rank() over (partition by is_active order by purchase_day_count) - 1)
            / count(*) over (partition by is_active)) end as frequency_score,
        case when is_active = 1 then 1 + floor(5.0 * (rank() over (partition by is_active order by net_amount) - 1)
            / count(*) over (partition by is_active)) end as monetary_score
    from (
        select
            days.customer_key,
            months.period_end - 1 - max(days.purchase_date) as recency_days,
            count(*) filter (where days.purchase_date >= months.period_end - 365) as purchase_day_count,
            coalesce(sum(days.net_amount) filter (where days.purchase_date >= months.period_end - 365), 0) as net_amount,
            case when max(days.purchase_date) >= months.period_end - 365 then 1 else 0 end as is_active
        from core.purchase_days as days
        where days.business_unit_code = months.business_unit_code
            and days.purchase_date >= months.month_start - 365
            and days.purchase_date < months.period_end
        group by days.customer_key
    ) as bought
) as scored;
