{% macro rows_of_carts(source_name) %}
select
    records.parent_key as cart_id,
    records.scope as business_unit_code,
    {{ row_reference('profile_id') }} as profile_id,
    {{ row_reference('anonymous_id') }} as anonymous_id,
    {{ code_in_rows('channel', source_name, row_text('channel_code')) }} as channel_code,
    {{ row_instant('started_at') }} as started_at,
    {{ row_instant('checkout_started_at') }} as checkout_started_at,
    coalesce({{ row_instant('last_active_at') }}, {{ row_instant('started_at') }}) as last_active_at,
    {{ row_instant('completed_at') }} as completed_at,
    {{ row_reference('order_id') }} as order_id,
    {{ row_number_of('item_count') }} as item_count,
    {{ row_number_of('amount') }} as amount,
    {{ row_text('currency') }} as currency,
    coalesce({{ row_text('coverage_code') }}, 'all') as coverage_code
{{ first_rows_of(source_name, 'carts') }}
{% endmacro %}
