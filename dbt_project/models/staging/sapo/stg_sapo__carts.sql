{# Sapo lists the checkouts that were left, and does not say which order one became #}
select
    checkouts.record_key as cart_id,
    'shop_online' as business_unit_code,
    {# what was typed into a form that was never sent proves nothing of who is who #}
    nullif({{ json_text('checkouts.payload', 'customer.id') }}, '') as profile_id,
    cast(null as {{ dbt.type_string() }}) as anonymous_id,
    'website' as channel_code,
    {{ json_timestamp('checkouts.payload', 'created_on') }} as started_at,
    {{ json_timestamp('checkouts.payload', 'created_on') }} as checkout_started_at,
    {{ json_timestamp('checkouts.payload', 'modified_on') }} as last_active_at,
    {{ json_timestamp('checkouts.payload', 'completed_on') }} as completed_at,
    cast(null as {{ dbt.type_string() }}) as order_id,
    (
        select sum({{ json_number('lines.item', 'quantity') }})
        from {{ json_elements('checkouts.payload', 'line_items', 'lines') }}
    ) as item_count,
    {# the total holds the shipping too #}
    (
        select sum({{ json_number('lines.item', 'quantity') }} * {{ json_number('lines.item', 'price') }}
            - coalesce({{ json_number('lines.item', 'total_discount') }}, 0))
        from {{ json_elements('checkouts.payload', 'line_items', 'lines') }}
    ) as amount,
    {{ json_text('checkouts.payload', 'currency') }} as currency,
    'abandoned' as coverage_code
from {{ current_versions('sapo', 'checkouts') }} as checkouts
