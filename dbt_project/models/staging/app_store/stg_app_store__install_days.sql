{# Apple's kinds of lines that are of an app: for iPhone, for all devices, for iPad, for the Mac, in a bundle #}
{% set first = "('1', '1F', '1T', 'F1', '1-B', 'F1-B')" %}
{% set again = "('3', '3F', '3T', 'F3')" %}
{% set updated = "('7', '7F', '7T', 'F7')" %}
{% set kind = json_text('line.item', 'Product Type Identifier') %}
{% set units = json_number('line.item', 'Units') %}
select
    reports.record_key as install_day_id,
    'habit_app' as business_unit_code,
    cast({{ json_text('reports.payload', 'day') }} as date) as install_date,
    {{ json_text('reports.payload', 'app_id') }} as app_id,
    'ios' as platform_code,
    coalesce(nullif({{ json_text('reports.payload', 'country_code') }}, ''), 'ZZ') as country_code,
    counted.first_count as install_count,
    counted.first_count + counted.again_count as download_count,
    {# reports of sales know no one who removes the app #}
    cast(null as numeric(18, 4)) as uninstall_count,
    counted.update_count,
    cast(null as numeric(18, 4)) as active_device_count,
    cast(null as numeric(18, 4)) as rating_count,
    cast(null as numeric(18, 4)) as rating_total
from {{ current_versions('app_store', 'downloads') }} as reports
cross join lateral (
    select
        count(*) as line_count,
        coalesce(sum(case when {{ kind }} in {{ first }} then {{ units }} end), 0) as first_count,
        coalesce(sum(case when {{ kind }} in {{ again }} then {{ units }} end), 0) as again_count,
        coalesce(sum(case when {{ kind }} in {{ updated }} then {{ units }} end), 0) as update_count
    from {{ json_elements('reports.payload', 'lines', 'line') }}
    where {{ kind }} in {{ first }} or {{ kind }} in {{ again }} or {{ kind }} in {{ updated }}
) as counted
{# what is sold within an app is a product of its own, and no download #}
where counted.line_count > 0
