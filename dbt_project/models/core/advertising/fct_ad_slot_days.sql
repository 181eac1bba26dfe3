{{ config(
    unique_key=['source_key', 'ad_slot_day_id'],
    dirty_from=dirty_by('ad_slot_days', 'ad_slot_day_id'),
    change_carries=['business_unit_code', 'slot_date'],
    indexes=[
        {'columns': ['slot_date']}, {'columns': ['business_unit_code', 'slot_date']},
    ],
) }}

select
    {{ stamped('ad_slot_days') }},
    ad_slot_days.ad_slot_day_id,
    ad_slot_days.slot_date,
    ad_slot_days.slot_id,
    ad_slot_days.slot_name,
    ad_slot_days.deal_code,
    ad_slot_days.page_view_count,
    ad_slot_days.rendered_count,
    ad_slot_days.request_count,
    ad_slot_days.booked_count,
    ad_slot_days.impression_count,
    ad_slot_days.viewable_impression_count,
    ad_slot_days.click_count,
    ad_slot_days.invalid_click_count,
    coalesce(ad_slot_days.currency, units.currency) as currency,
    ad_slot_days.revenue_amount
from {{ ref('int_ad_slot_days_unioned') }} as ad_slot_days
{{ join_unit('ad_slot_days') }}
where {{ is_dirty('ad_slot_days') }}
