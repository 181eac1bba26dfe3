{{ config(
    unique_key=['business_unit_code', 'month_start', 'customer_key'],
    dirty_from={
        'fct_rfm_scores': ['business_unit_code', 'month_start', 'customer_key'],
        'fct_orders': "select scores.business_unit_code, scores.month_start, scores.customer_key"
            ~ " from core.fct_rfm_scores as scores inner join {changed}"
            ~ " on changed_rows.customer_key = scores.customer_key"
            ~ " and changed_rows.business_unit_code = scores.business_unit_code"
            ~ " and changed_rows.order_date <= scores.month_start + 31",
    },
    change_carries=['persona_code'],
    indexes=[{'columns': ['customer_key']}],
) }}

with scored as (
    select
        scores.business_unit_code,
        scores.month_start,
        scores.customer_key,
        scores.purchase_day_count,
        periods.period_end
    from {{ ref('fct_rfm_scores') }} as scores
    inner join {{ ref('dim_period') }} as periods
        on periods.period_grain_code = 'month'
        and periods.period_start = scores.month_start
    where scores.tier_code <> 'inactive' and {{ is_dirty('scores') }}
),

orders as (
    select
        scored.business_unit_code,
        scored.month_start,
        scored.customer_key,
        scored.purchase_day_count,
        orders.channel_code,
        channels.channel_group_code,
        orders.gross_amount,
        orders.discount_amount,
        dates.days_from_tet,
        case when orders.order_date >= {{ add_days('scored.period_end', -365) }} then 1 else 0 end as is_of_year,
        row_number() over (
            partition by scored.business_unit_code, scored.month_start, scored.customer_key
            order by orders.ordered_at, orders.source_key, orders.order_id
        ) as order_rank
    from scored
    inner join {{ ref('fct_orders') }} as orders
        on orders.customer_key = scored.customer_key
        and orders.business_unit_code = scored.business_unit_code
        and orders.order_date < scored.period_end
    left join {{ ref('dim_channel') }} as channels on channels.channel_code = orders.channel_code
    left join {{ ref('dim_date') }} as dates on dates.calendar_date = orders.order_date
    where orders.is_counted = 1
),

habits as (
    select
        business_unit_code,
        month_start,
        customer_key,
        max(purchase_day_count) as purchase_day_count,
        min(case when order_rank = 1 then channel_code end) as first_order_channel_code,
        sum(is_of_year) as order_count,
        sum(is_of_year * gross_amount) as gross_amount,
        sum(is_of_year * discount_amount) as discount_amount,
        sum(case when days_from_tet between -30 and 0 then is_of_year else 0 end) as tet_count,
        sum(case when channel_group_code = 'offline' then is_of_year else 0 end) as offline_count,
        sum(case when channel_group_code = 'marketplace' then is_of_year else 0 end) as marketplace_count,
        sum(case when channel_group_code in ('social', 'direct') then is_of_year else 0 end) as chat_count,
        sum(case when channel_group_code = 'online' then is_of_year else 0 end) as online_count
    from orders
    group by business_unit_code, month_start, customer_key
    having sum(is_of_year) > 0
)

select
    business_unit_code,
    month_start,
    customer_key,
    {# the order of the rules is that of the seed: who is several is the first #}
    case
        when order_count >= 2 and discount_amount * 10 >= gross_amount and discount_amount > 0 then 'deal_seeker'
        when tet_count * 2 >= order_count then 'gift_buyer'
        when offline_count * 2 >= order_count then 'store_regular'
        when marketplace_count * 2 >= order_count then 'marketplace_shopper'
        when chat_count * 2 >= order_count then 'chat_buyer'
        when purchase_day_count >= 4 and online_count * 2 >= order_count then 'online_regular'
        when purchase_day_count >= 4 then 'omnichannel_regular'
        else 'explorer'
    end as persona_code,
    first_order_channel_code,
    order_count,
    gross_amount - discount_amount as bought_amount
from habits
