{# Sapo lists the checkouts that were left, each with the phone or e-mail that was typed: a profile of its own #}
select
    checkouts.record_key as cart_id,
    'shop_online' as business_unit_code,
    'guest:checkout/' || checkouts.record_key as profile_id,
    cast(null as {{ dbt.type_string() }}) as anonymous_id,
    'website' as channel_code,
    {{ json_timestamp('checkouts.payload', 'created_on') }} as started_at,
    {{ json_timestamp('checkouts.payload', 'created_on') }} as checkout_started_at,
    {{ json_timestamp('checkouts.payload', 'created_on') }} as last_active_at,
    {{ json_timestamp('checkouts.payload', 'completed_on') }} as completed_at,
    cast(null as {{ dbt.type_string() }}) as order_id,
    (
        select sum({{ json_number('lines.item', 'quantity') }})
        from {{ json_elements('checkouts.payload', 'line_items', 'lines') }}
    ) as item_count,
    {{ json_number('checkouts.payload', 'total_price') }} as amount,
    {{ json_text('checkouts.payload', 'currency') }} as currency,
    'abandoned' as coverage_code
from {{ current_versions('sapo', 'checkouts') }} as checkouts
