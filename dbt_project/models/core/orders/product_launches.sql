{#
    Only what comes before the first day that is known, or takes it away, makes a product dirty: the views and
    sales of an ordinary day do not, and its history is not read for them.
#}
{{ config(
    unique_key=['business_unit_code', 'product_code'],
    dirty_from={
        'product_purchases': "select b.business_unit_code, b.product_code from"
            ~ " (select business_unit_code, product_code, min(order_date) as first_date from {changed} group by 1, 2) as b"
            ~ " left join {this} as t on t.business_unit_code = b.business_unit_code and t.product_code = b.product_code"
            ~ " where t.product_code is null or b.first_date <= t.first_seen_date",
        'product_views': "select b.business_unit_code, b.product_code from"
            ~ " (select business_unit_code, product_code, min(view_date) as first_date from {changed} group by 1, 2) as b"
            ~ " left join {this} as t on t.business_unit_code = b.business_unit_code and t.product_code = b.product_code"
            ~ " where t.product_code is null or b.first_date <= t.first_seen_date",
    },
    change_carries=['first_seen_date'],
    indexes=[{'columns': ['first_seen_date']}],
) }}

with seen as (
    select business_unit_code, product_code, order_date as seen_date
    from {{ ref('product_purchases') }} as purchases
    where {{ is_dirty('purchases') }}
    union all
    select business_unit_code, product_code, view_date as seen_date
    from {{ ref('product_views') }} as views
    where {{ is_dirty('views') }}
)

select business_unit_code, product_code, min(seen_date) as first_seen_date
from seen
group by business_unit_code, product_code
