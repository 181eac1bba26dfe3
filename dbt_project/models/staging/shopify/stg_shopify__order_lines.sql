select
    orders.record_key as order_id,
    {{ json_text('lines.item', 'id') }} as line_id,
    {# null where the variant was deleted since, or never was one #}
    {{ json_text('lines.item', 'variant.id') }} as product_id,
    {{ json_text('lines.item', 'title') }}
        || coalesce(' ' || nullif({{ json_text('lines.item', 'variantTitle') }}, ''), '') as product_name,
    {{ json_number('lines.item', 'quantity') }} as quantity,
    {{ json_number('lines.item', 'originalUnitPriceSet.shopMoney.amount') }} as unit_price,
    coalesce((
        select sum({{ json_number('discounts.item', 'allocatedAmountSet.shopMoney.amount') }})
        from {{ json_elements('lines.item', 'discountAllocations', 'discounts') }}
    ), 0) as discount_amount,
    cast(0 as numeric(18, 4)) as shipping_amount,
    1 as copy_number
from {{ current_versions('shopify', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'lineItems.nodes', 'lines') }}
where coalesce({{ json_text('orders.payload', 'test') }}, 'false') <> 'true'
