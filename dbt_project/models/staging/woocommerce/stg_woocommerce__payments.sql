select
    'payment:' || orders.record_key as payment_id,
    orders.record_key as order_id,
    'payment' as kind_code,
    {{ code_for('payment_method', 'woocommerce', json_text('orders.payload', 'payment_method')) }} as method_code,
    {{ json_utc('orders.payload', 'date_paid_gmt') }} as paid_at,
    {{ json_number('orders.payload', 'total') }} as amount
from {{ current_versions('woocommerce', 'orders') }} as orders
where {{ json_text('orders.payload', 'date_paid_gmt') }} <> ''
union all
{# the order says which refunds it has, a refund when it was and of what; merchandise alone counts #}
select
    'refund:' || {{ json_text('named.item', 'id') }} as payment_id,
    orders.record_key as order_id,
    'refund' as kind_code,
    {{ code_for('payment_method', 'woocommerce', json_text('orders.payload', 'payment_method')) }} as method_code,
    {{ json_utc('refunds.payload', 'date_created_gmt') }} as paid_at,
    coalesce((
        select abs(sum({{ json_number('returned.item', 'total') }}))
        from {{ json_elements('refunds.payload', 'line_items', 'returned') }}
    ), abs({{ json_number('named.item', 'total') }})) as amount
from {{ current_versions('woocommerce', 'orders') }} as orders
cross join {{ json_elements('orders.payload', 'refunds', 'named') }}
inner join {{ current_versions('woocommerce', 'refunds') }} as refunds
    on refunds.record_key = {{ json_text('named.item', 'id') }}
