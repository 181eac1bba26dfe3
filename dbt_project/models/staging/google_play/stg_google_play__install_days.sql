select
    installs.record_key as install_day_id,
    'habit_app' as business_unit_code,
    cast({{ json_text('installs.payload', 'Date') }} as date) as install_date,
    {{ json_text('installs.payload', 'Package Name') }} as app_id,
    'android' as platform_code,
    coalesce(nullif({{ json_text('installs.payload', 'Country') }}, ''), 'ZZ') as country_code,
    {{ json_number('installs.payload', 'Daily User Installs') }} as install_count,
    {{ json_number('installs.payload', 'Daily Device Installs') }} as download_count,
    {{ json_number('installs.payload', 'Daily User Uninstalls') }} as uninstall_count,
    {{ json_number('installs.payload', 'Daily Device Upgrades') }} as update_count,
    {{ json_number('installs.payload', 'Active Device Installs') }} as active_device_count,
    cast(null as numeric(18, 4)) as rating_count,
    cast(null as numeric(18, 4)) as rating_total
from {{ current_versions('google_play', 'installs') }} as installs
