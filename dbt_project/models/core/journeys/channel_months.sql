{#
    Of a contact whose channel nobody knows nothing is told of either. Months that have not begun are here as well, as far
    as windows reach that hold days of this one: whoever shows months leaves them out.
#}
{{ config(
    unique_key=['month_start', 'customer_key', 'business_unit_code'],
    dirty_key=['customer_key'],
    dirty_from={'fct_interactions': "select customer_key from {changed} where customer_key <> 'unknown'"},
    indexes=[{'columns': ['customer_key']}],
) }}

with month_days as {{ computed_once() }} (
    {# each day is in the windows of three months or four, whoever was in touch on it #}
    select months.period_start as month_start, dates.calendar_date
    from {{ ref('dim_period') }} as months
    inner join {{ ref('dim_date') }} as dates
        on dates.calendar_date >= {{ add_days('months.period_end', -90) }}
        and dates.calendar_date < months.period_end
    where months.period_grain_code = 'month'
),

touched as (
    select distinct
        month_days.month_start,
        touches.customer_key,
        touches.business_unit_code,
        touches.channel_code
    from {{ ref('fct_interactions') }} as touches
    inner join month_days on month_days.calendar_date = touches.occurred_date
    where touches.direction_code = 'in'
        and touches.customer_key <> 'unknown'
        and touches.channel_code <> 'unknown'
        and touches.is_internal = 0
        and {{ is_dirty('touches') }}
),

numbered as (
    {# the last number is how many there are, of which a window cannot count the distinct ones #}
    select
        touched.*,
        dense_rank() over (partition by month_start, customer_key order by channel_code) as channel_number
    from touched
),

counted as (
    select
        numbered.*,
        max(channel_number) over (partition by month_start, customer_key) as company_channel_count
    from numbered
)

select
    month_start,
    customer_key,
    business_unit_code,
    max(company_channel_count) as company_channel_count,
    count(*) as unit_channel_count
from counted
group by month_start, customer_key, business_unit_code
