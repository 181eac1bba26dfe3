with orders as (
    select
        record_key,
        payload,
        {# an order has arrived with the last of its parcels; one that was written wrongly was never sent #}
        (
            select case
                when min(case when {{ json_text('parcels.item', 'shipment_status') }} = 'delivered' then 1 else 0 end) = 1
                    then max({{ json_timestamp('parcels.item', 'modified_on') }})
            end
            from {{ json_elements('payload', 'fulfillments', 'parcels') }}
            where {{ json_text('parcels.item', 'status') }} <> 'cancelled'
        ) as arrived_at,
        (
            select count(*)
            from {{ json_elements('payload', 'fulfillments', 'parcels') }}
            where {{ json_text('parcels.item', 'shipment_status') }} = 'failure'
        ) as returned_parcel_count
    from {{ current_versions('sapo', 'orders') }} as orders
)

select
    orders.record_key as order_id,
    {{ json_text('orders.payload', 'name') }} as order_number,
    'shop_online' as business_unit_code,
    {{ code_for('channel', 'sapo', json_text('orders.payload', 'source_name')) }} as channel_code,
    {{ sapo_profile('orders.payload', 'orders.record_key') }} as profile_id,
    {{ json_timestamp('orders.payload', 'created_on') }} as ordered_at,
    case
        when {{ json_text('orders.payload', 'cancelled_on') }} <> '' and orders.returned_parcel_count > 0 then 'failed'
        when {{ json_text('orders.payload', 'cancelled_on') }} <> '' then 'cancelled'
        when {{ json_text('orders.payload', 'financial_status') }} = 'refunded' then 'returned'
        when {{ json_text('orders.payload', 'source_name') }} = 'pos' then 'delivered'
        when {{ json_text('orders.payload', 'fulfillment_status') }} = 'fulfilled' and orders.arrived_at is not null
            then 'delivered'
        else 'open'
    end as status_code,
    {{ code_for('payment_method', 'sapo', json_text('orders.payload', 'gateway')) }} as payment_method_code,
    {{ json_text('orders.payload', 'currency') }} as currency,
    {{ json_number('orders.payload', 'total_line_items_price') }} as gross_amount,
    {{ json_number('orders.payload', 'total_discounts') }} as discount_amount,
    coalesce((
        select sum({{ json_number('shipping.item', 'price') }})
        from {{ json_elements('orders.payload', 'shipping_lines', 'shipping') }}
    ), 0) as shipping_amount,
    {# a tax that the prices hold already comes on top of nothing #}
    case
        when {{ json_text('orders.payload', 'taxes_included') }} = 'true' then 0
        else {{ json_number('orders.payload', 'total_tax') }}
    end as tax_amount,
    case
        when {{ json_text('orders.payload', 'source_name') }} = 'pos' then {{ json_timestamp('orders.payload', 'created_on') }}
        when {{ json_text('orders.payload', 'fulfillment_status') }} = 'fulfilled' then orders.arrived_at
    end as delivered_at,
    cast(null as {{ type_instant() }}) as promised_at,
    {{ json_timestamp('orders.payload', 'cancelled_on') }} as cancelled_at
from orders
