{{ config(
    unique_key=['source_key', 'install_day_id'],
    dirty_from=dirty_by('install_days', 'install_day_id'),
    change_carries=['business_unit_code', 'install_date'],
    indexes=[
        {'columns': ['install_date']}, {'columns': ['business_unit_code', 'install_date']},
    ],
) }}

select
    {{ stamped('install_days') }},
    install_days.install_day_id,
    install_days.install_date,
    install_days.app_id,
    install_days.platform_code,
    install_days.country_code,
    install_days.install_count,
    install_days.download_count,
    install_days.uninstall_count,
    install_days.update_count,
    install_days.active_device_count,
    install_days.rating_count,
    install_days.rating_total
from {{ ref('int_install_days_unioned') }} as install_days
{{ join_unit('install_days') }}
where {{ is_dirty('install_days') }}
