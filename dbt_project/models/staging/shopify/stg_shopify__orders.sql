with orders as (
    select
        record_key as order_id,
        payload,
        {{ json_text('payload', 'displayFinancialStatus') }} as financial_status,
        {{ json_text('payload', 'cancelledAt') }} as cancelled_at,
        {{ json_text('payload', 'fulfillments.0.displayStatus') }} as delivery_status
    from {{ current_versions('shopify', 'orders') }} as orders
    {# the shop tries its own checkout #}
    where coalesce({{ json_text('payload', 'test') }}, 'false') <> 'true'
)

select
    orders.order_id,
    {{ json_text('orders.payload', 'name') }} as order_number,
    'shop_online' as business_unit_code,
    {{ code_for('channel', 'shopify', json_text('orders.payload', 'sourceName')) }} as channel_code,
    {# an order without a customer is a profile of its own: its phone or e-mail may tell who it was #}
    case
        when {{ json_text('orders.payload', 'customer.id') }} <> ''
            then {{ json_text('orders.payload', 'customer.id') }}
        when coalesce(
            nullif({{ json_text('orders.payload', 'phone') }}, ''),
            nullif({{ json_text('orders.payload', 'email') }}, '')
        ) is not null then 'guest:' || orders.order_id
    end as profile_id,
    {# one that was imported came into Shopify later than it was placed #}
    {{ json_timestamp('orders.payload', 'processedAt') }} as ordered_at,
    case
        when orders.cancelled_at is not null and orders.delivery_status in ('NOT_DELIVERED', 'FAILURE') then 'failed'
        when orders.cancelled_at is not null then 'cancelled'
        when orders.financial_status = 'REFUNDED' then 'returned'
        when orders.delivery_status in ('DELIVERED', 'PICKED_UP') then 'delivered'
        {# at the till the goods are handed over #}
        when {{ json_text('orders.payload', 'sourceName') }} = 'pos'
            and {{ json_text('orders.payload', 'displayFulfillmentStatus') }} = 'FULFILLED' then 'delivered'
        else 'open'
    end as status_code,
    {{ code_for('payment_method', 'shopify', json_text('orders.payload', 'paymentGatewayNames.0')) }}
        as payment_method_code,
    {{ json_text('orders.payload', 'currencyCode') }} as currency,
    (
        select sum({{ json_number('lines.item', 'quantity') }}
            * {{ json_number('lines.item', 'originalUnitPriceSet.shopMoney.amount') }})
        from {{ json_elements('orders.payload', 'lineItems.nodes', 'lines') }}
    ) as gross_amount,
    {{ json_number('orders.payload', 'totalDiscountsSet.shopMoney.amount') }} as discount_amount,
    {{ json_number('orders.payload', 'totalShippingPriceSet.shopMoney.amount') }} as shipping_amount,
    {# a tax that the prices hold already comes on top of nothing #}
    case
        when {{ json_text('orders.payload', 'taxesIncluded') }} = 'true' then 0
        else {{ json_number('orders.payload', 'totalTaxSet.shopMoney.amount') }}
    end as tax_amount,
    (
        select max({{ json_timestamp('parcels.item', 'deliveredAt') }})
        from {{ json_elements('orders.payload', 'fulfillments', 'parcels') }}
    ) as delivered_at,
    cast(null as {{ type_instant() }}) as promised_at,
    {{ json_timestamp('orders.payload', 'cancelledAt') }} as cancelled_at
from orders
