with lines as (
    select
        orders.record_key as order_id,
        {{ json_text('lines.item', 'item_id') }} || '/' || coalesce({{ json_text('lines.item', 'model_id') }}, '0')
            as product_id,
        {{ json_text('lines.item', 'item_name') }}
            || coalesce(' ' || nullif({{ json_text('lines.item', 'model_name') }}, ''), '') as product_name,
        {{ json_number('lines.item', 'model_quantity_purchased') }} as quantity,
        {{ json_number('lines.item', 'model_original_price') }} as unit_price,
        {{ json_number('lines.item', 'model_discounted_price') }} as sale_price,
        {# lines have no number: the same product may stand in several, as in a bundle and beside it #}
        row_number() over (
            partition by orders.record_key, {{ json_text('lines.item', 'item_id') }}, {{ json_text('lines.item', 'model_id') }}
            order by cast(lines.item as {{ dbt.type_string() }})
        ) as ordinal
    from {{ current_versions('shopee', 'orders') }} as orders
    cross join {{ json_elements('orders.payload', 'item_list', 'lines') }}
)

select
    order_id,
    product_id || case when ordinal > 1 then '#' || ordinal else '' end as line_id,
    product_id,
    product_name,
    quantity,
    unit_price,
    quantity * (unit_price - sale_price) as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from lines
