-- islands: a person enters the window on a day and leaves it when nothing was done for so long
create temporary table theirs_rolling_distinct as
with days as (
    select
        business_unit_code,
        active_date,
        lag(active_date) over person_days as former_date,
        lead(active_date) over person_days as next_date
    from core.active_days
    where is_active = 1
    window person_days as (partition by business_unit_code, person_key order by active_date)
),

changes as (
    select business_unit_code, 7 as window_days, active_date as changed_date, 1 as change
    from days
    where former_date is null or active_date - former_date > 7
    union all
    select business_unit_code, 7, active_date + 7, -1
    from days
    where next_date is null or next_date - active_date > 7
    union all
    select business_unit_code, 28, active_date, 1
    from days
    where former_date is null or active_date - former_date > 28
    union all
    select business_unit_code, 28, active_date + 28, -1
    from days
    where next_date is null or next_date - active_date > 28
    union all
    select business_unit_code, 1, active_date, 1
    from days
    union all
    select business_unit_code, 1, active_date + 1, -1
    from days
),

sums as (
    select
        business_unit_code,
        changed_date,
        coalesce(sum(change) filter (where window_days = 1), 0) as change_1d,
        coalesce(sum(change) filter (where window_days = 7), 0) as change_7d,
        coalesce(sum(change) filter (where window_days = 28), 0) as change_28d
    from changes
    group by business_unit_code, changed_date
),

counts as (
    select
        known.business_unit_code,
        dates.calendar_date as counted_date,
        sum(coalesce(sums.change_1d, 0)) over unit_days as person_count_1d,
        sum(coalesce(sums.change_7d, 0)) over unit_days as person_count_7d,
        sum(coalesce(sums.change_28d, 0)) over unit_days as person_count_28d
    from core.data_through as known
    inner join core.dim_date as dates on dates.calendar_date < known.data_through
    left join sums
        on sums.business_unit_code = known.business_unit_code
        and sums.changed_date = dates.calendar_date
    where known.process_code = 'sessions'
    window unit_days as (partition by known.business_unit_code order by dates.calendar_date)
)

select *
from counts
where person_count_28d > 0;
