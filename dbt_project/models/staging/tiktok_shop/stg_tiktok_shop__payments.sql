{% set method %}
case
    when {{ json_text('orders.payload', 'is_cod') }} = 'true' then 'cod'
    else {{ code_for('payment_method', 'tiktok_shop', json_text('orders.payload', 'payment_method_name')) }}
end
{% endset %}
select
    'payment:' || orders.record_key as payment_id,
    orders.record_key as order_id,
    'payment' as kind_code,
    {{ method }} as method_code,
    {{ json_epoch('orders.payload', 'paid_time') }} as paid_at,
    {{ json_number('orders.payload', 'payment.total_amount') }} as amount
from {{ current_versions('tiktok_shop', 'orders') }} as orders
where {{ json_number('orders.payload', 'paid_time') }} > 0
union all
{# of a refund merchandise alone counts #}
select
    'refund:' || returns.record_key as payment_id,
    returns.parent_key as order_id,
    'refund' as kind_code,
    coalesce(
        (
            select {{ method }}
            from {{ current_versions('tiktok_shop', 'orders') }} as orders
            where orders.record_key = returns.parent_key
        ),
        'unknown'
    ) as method_code,
    {{ json_epoch('returns.payload', 'update_time') }} as paid_at,
    coalesce(
        {{ json_number('returns.payload', 'refund_amount.refund_subtotal') }},
        {{ json_number('returns.payload', 'refund_amount.refund_total') }}
    ) as amount
from {{ current_versions('tiktok_shop', 'returns') }} as returns
where {{ json_text('returns.payload', 'return_status') }}
    in ('RETURN_OR_REFUND_REQUEST_COMPLETE', 'REPLACEMENT_REQUEST_REFUND_SUCCESS')
