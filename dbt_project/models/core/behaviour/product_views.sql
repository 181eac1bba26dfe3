{{ config(
    unique_key=['visitor_key', 'business_unit_code', 'product_id', 'view_date'],
    dirty_key=['visitor_key', 'view_date'],
    dirty_from={
        'fct_events': 'select visitor_key, event_date as view_date from {changed}',
        'dim_product': 'select t.visitor_key, t.view_date from {this} as t'
            ~ ' inner join {changed} on t.product_id = changed_rows.product_id',
    },
    change_carries=['product_code'],
    indexes=[
        {'columns': ['business_unit_code', 'product_code']}, {'columns': ['view_date']}, {'columns': ['product_id']},
    ],
) }}

with codes as (
    select business_unit_code, product_id, min(coalesce(nullif(sku, ''), product_id)) as product_code
    from {{ ref('dim_product') }}
    group by business_unit_code, product_id
),

views as (
    select visitor_key, business_unit_code, product_id, event_date as view_date, count(*) as view_count
    from {{ ref('fct_events') }} as events
    where visitor_key <> 'unknown'
        and is_bot = 0
        and is_internal = 0
        and {{ is_product_view('events') }} = 1
        and {{ is_dirty('events', ['visitor_key', 'event_date']) }}
    group by visitor_key, business_unit_code, product_id, event_date
)

select
    views.visitor_key,
    views.business_unit_code,
    views.product_id,
    views.view_date,
    coalesce(codes.product_code, views.product_id) as product_code,
    views.view_count
from views
left join codes on codes.business_unit_code = views.business_unit_code and codes.product_id = views.product_id
