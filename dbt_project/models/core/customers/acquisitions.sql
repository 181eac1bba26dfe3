{{ config(
    unique_key=['customer_key', 'business_unit_code'],
    dirty_from={
        'fct_orders': "select customer_key, business_unit_code from {changed} where customer_key <> 'unknown'",
        'fct_sessions': 'select t.customer_key, t.business_unit_code from {this} as t inner join {changed}'
            ~ ' on t.customer_key = changed_rows.customer_key and t.business_unit_code = changed_rows.business_unit_code'
            ~ ' and t.first_order_date between changed_rows.session_date and changed_rows.session_date + 31',
    },
    change_carries=['first_order_date'],
    indexes=[{'columns': ['first_order_date']}],
) }}

with orders as (
    select
        customer_key,
        business_unit_code,
        source_key,
        order_id,
        ordered_at,
        order_date,
        row_number() over (
            partition by customer_key, business_unit_code order by ordered_at, source_key, order_id
        ) as place
    from {{ ref('fct_orders') }} as orders
    where is_counted = 1
        and customer_key <> 'unknown'
        and order_date is not null
        {# cash on delivery is promised, not paid, until the parcel is taken #}
        and (coalesce(payment_method_code, 'unknown') <> 'cod' or status_code = 'delivered' or delivered_date is not null)
        and {{ is_dirty('orders', ['customer_key', 'business_unit_code']) }}
),

touches as (
    select
        orders.customer_key,
        orders.business_unit_code,
        sessions.entry_code,
        sessions.utm_source,
        row_number() over (
            partition by orders.customer_key, orders.business_unit_code
            order by sessions.started_at desc, sessions.session_key
        ) as place
    from orders
    inner join {{ ref('fct_sessions') }} as sessions
        on sessions.customer_key = orders.customer_key
        and sessions.business_unit_code = orders.business_unit_code
        and sessions.session_date between orders.order_date - 31 and orders.order_date
        and sessions.started_at <= orders.ordered_at
        and sessions.started_at >= orders.ordered_at - interval '30 days'
    where orders.place = 1 and sessions.is_counted = 1 and sessions.entry_code <> 'direct'
)

select
    orders.customer_key,
    orders.business_unit_code,
    orders.source_key,
    orders.order_id,
    orders.order_date as first_order_date,
    coalesce(touches.entry_code, 'unknown') as entry_code,
    case when touches.entry_code in ('paid', 'affiliate') then 1 else 0 end as is_paid,
    case
        when touches.entry_code in ('paid', 'affiliate') then coalesce(
            {# an advertisement says where it ran, each platform in its own words #}
            (
                select min(channels.channel_code)
                from {{ ref('dim_channel') }} as channels
                where channels.channel_group_code = 'paid'
                    and channels.channel_code in (
                        lower(touches.utm_source), lower(touches.utm_source) || '_ads', touches.entry_code
                    )
            ),
            'unknown'
        )
    end as paid_channel_code
from orders
left join touches
    on touches.customer_key = orders.customer_key
    and touches.business_unit_code = orders.business_unit_code
    and touches.place = 1
where orders.place = 1
