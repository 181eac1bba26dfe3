{% set deal_code = "coalesce(nullif(" ~ code_for('deal', 'ad_server', json_text('deals.payload', 'LINE_ITEM_TYPE')) ~ ", 'unknown'), 'other')" %}
{# what was filtered of the clicks; the exchange tells none #}
{% set invalid = "greatest(" ~ json_number('deals.payload', 'AD_SERVER_UNFILTERED_CLICKS') ~ " - " ~ json_number('deals.payload', 'AD_SERVER_CLICKS') ~ ", 0)" %}
select
    slots.record_key as ad_slot_day_id,
    'news_site' as business_unit_code,
    cast({{ json_text('slots.payload', 'DATE') }} as date) as slot_date,
    {{ json_text('slots.payload', 'AD_UNIT_ID') }} as slot_id,
    {{ json_text('slots.payload', 'AD_UNIT_NAME') }} as slot_name,
    {# requests are of no deal: a row of their own has them once #}
    'other' as deal_code,
    cast(null as numeric(18, 4)) as page_view_count,
    {{ json_number('slots.payload', 'IMPRESSIONS') }} + {{ json_number('slots.payload', 'UNFILLED_IMPRESSIONS') }}
        as rendered_count,
    {{ json_number('slots.payload', 'AD_REQUESTS') }} as request_count,
    cast(0 as numeric(18, 4)) as booked_count,
    cast(0 as numeric(18, 4)) as impression_count,
    cast(0 as numeric(18, 4)) as viewable_impression_count,
    cast(0 as numeric(18, 4)) as click_count,
    cast(0 as numeric(18, 4)) as invalid_click_count,
    cast(0 as numeric(18, 4)) as revenue_amount,
    {{ json_text('slots.payload', 'currency') }} as currency
from {{ current_versions('ad_server', 'slots') }} as slots
union all
select
    deals.record_key as ad_slot_day_id,
    'news_site' as business_unit_code,
    cast({{ json_text('deals.payload', 'DATE') }} as date) as slot_date,
    {{ json_text('deals.payload', 'AD_UNIT_ID') }} as slot_id,
    {{ json_text('deals.payload', 'AD_UNIT_NAME') }} as slot_name,
    {{ deal_code }} as deal_code,
    cast(null as numeric(18, 4)) as page_view_count,
    cast(0 as numeric(18, 4)) as rendered_count,
    cast(0 as numeric(18, 4)) as request_count,
    {# bookings are not known by day: of what was sold beforehand, what was delivered #}
    case when {{ deal_code }} = 'guaranteed' then {{ json_number('deals.payload', 'IMPRESSIONS') }} else 0 end
        as booked_count,
    {{ json_number('deals.payload', 'IMPRESSIONS') }} as impression_count,
    {{ json_number('deals.payload', 'ACTIVE_VIEW_VIEWABLE_IMPRESSIONS') }} as viewable_impression_count,
    {{ json_number('deals.payload', 'CLICKS') }} + {{ invalid }} as click_count,
    {{ invalid }} as invalid_click_count,
    {{ json_number('deals.payload', 'REVENUE') }} as revenue_amount,
    {{ json_text('deals.payload', 'currency') }} as currency
from {{ current_versions('ad_server', 'deals') }} as deals
