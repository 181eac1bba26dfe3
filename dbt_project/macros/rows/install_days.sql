{% macro rows_of_install_days(source_name) %}
select
    records.parent_key as install_day_id,
    records.scope as business_unit_code,
    {{ row_date('install_date') }} as install_date,
    {{ row_reference('app_id') }} as app_id,
    {{ row_text('platform_code') }} as platform_code,
    {{ row_text('country_code') }} as country_code,
    {{ row_number_of('install_count') }} as install_count,
    {{ row_number_of('download_count') }} as download_count,
    {{ row_number_of('uninstall_count') }} as uninstall_count,
    {{ row_number_of('update_count') }} as update_count,
    {{ row_number_of('active_device_count') }} as active_device_count,
    {{ row_number_of('rating_count') }} as rating_count,
    {{ row_number_of('rating_total') }} as rating_total
{{ first_rows_of(source_name, 'install_days') }}
{% endmacro %}
