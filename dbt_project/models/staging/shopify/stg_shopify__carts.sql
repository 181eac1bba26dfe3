{# Shopify lists the checkouts that were left, and does not say which order one became #}
select
    checkouts.record_key as cart_id,
    'shop_online' as business_unit_code,
    nullif({{ json_text('checkouts.payload', 'customer.id') }}, '') as profile_id,
    cast(null as {{ dbt.type_string() }}) as anonymous_id,
    'website' as channel_code,
    {{ json_timestamp('checkouts.payload', 'createdAt') }} as started_at,
    {{ json_timestamp('checkouts.payload', 'createdAt') }} as checkout_started_at,
    {{ json_timestamp('checkouts.payload', 'updatedAt') }} as last_active_at,
    {{ json_timestamp('checkouts.payload', 'completedAt') }} as completed_at,
    cast(null as {{ dbt.type_string() }}) as order_id,
    (
        select sum({{ json_number('lines.item', 'quantity') }})
        from {{ json_elements('checkouts.payload', 'lineItems.nodes', 'lines') }}
    ) as item_count,
    {# the total holds shipping and tax too #}
    {{ json_number('checkouts.payload', 'subtotalPriceSet.shopMoney.amount') }} as amount,
    {{ json_text('checkouts.payload', 'totalPriceSet.shopMoney.currencyCode') }} as currency,
    'abandoned' as coverage_code
from {{ current_versions('shopify', 'abandoned_checkouts') }} as checkouts
