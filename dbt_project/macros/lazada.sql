{# One row per unit of an order of Lazada. One that is cancelled while others of its order are not was never sold. #}
{% macro lazada_units() %}
    (
        select order_id, unit_id, item, status, goods_amount
        from (
            select
                orders.record_key as order_id,
                {{ json_text('items.item', 'order_item_id') }} as unit_id,
                items.item,
                {{ json_text('items.item', 'status') }} as status,
                {# what Lazada itself takes off it pays to the shop #}
                {{ json_number('items.item', 'item_price') }}
                - coalesce({{ json_number('items.item', 'voucher_seller') }}, 0)
                - coalesce({{ json_number('items.item', 'voucher_seller_lpi') }}, 0) as goods_amount,
                max(case when {{ json_text('items.item', 'status') }} = 'canceled' then 0 else 1 end)
                    over (partition by orders.record_key) as is_order_on
            from {{ current_versions('lazada', 'orders') }} as orders
            cross join {{ json_elements('orders.payload', 'items', 'items') }}
        ) as units
        where status <> 'canceled' or is_order_on = 0
    )
{% endmacro %}

{# One row per unit of Lazada that was given back after it was sold; of a refund merchandise alone counts. #}
{% macro lazada_refunds() %}
    (
        select
            returns.record_key as refund_id,
            returns.parent_key as order_id,
            {{ json_epoch('returns.payload', 'return_order_line_gmt_modified', 1000) }} as refunded_at,
            least(
                {{ json_number('returns.payload', 'refund_amount') }},
                coalesce(units.goods_amount, {{ json_number('returns.payload', 'item_unit_price') }})
            ) as amount
        from {{ current_versions('lazada', 'returns') }} as returns
        left join {{ lazada_units() }} as units
            on units.order_id = returns.parent_key
            and units.unit_id = {{ json_text('returns.payload', 'trade_order_line_id') }}
        {# a cancellation gives back what was never sold #}
        where {{ json_text('returns.payload', 'request_type') }} <> 'CANCEL'
            and {{ json_text('returns.payload', 'reverse_status') }} in ('REFUND_SUCCESS', 'REQUEST_COMPLETE')
            and coalesce({{ json_text('returns.payload', 'is_need_refund') }}, 'true') <> 'false'
    )
{% endmacro %}

{# The reviews of the orders that arrived: an order says who wrote them. #}
{% macro lazada_reviews_of(arrived) %}
    select reviews.record_key
    from {{ source('raw_lazada', 'reviews') }} as reviews
    where reviews.parent_key in ({{ arrived }})
{% endmacro %}
